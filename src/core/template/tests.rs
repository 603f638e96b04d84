//! What templates render to, and what is found in them.

#![allow(clippy::expect_used, reason = "a test may stop")]

use super::*;

fn rendered(text: &str, values: &[(&str, &str)]) -> String {
    let parsed = Template::parse(text);
    assert_eq!(parsed.issues, [], "{text}");
    let template = parsed.template.expect(text);
    let slots: Vec<Option<&str>> =
        template.names().map(|name| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)).collect();
    let mut renderer = Renderer::default();
    let scope = Slots(&slots);
    let rendered = renderer.render(&template, &scope, &RenderOptions::default());
    assert_eq!(rendered.issues, [], "{text}");
    rendered.text.to_owned()
}

#[test]
fn tags_render_as_the_reference_renders_them() {
    let cases = [
        ("Hi {{ name }}!", "Hi Zoë!"),
        ("{{ missing }}{{ missing | default: 'x' }}", "x"),
        ("a {{- name -}} b", "aZoëb"),
        ("{% if name == 'Zoë' %}y{% else %}n{% endif %}", "y"),
        ("{% if nope or name and nope %}y{% elsif name %}e{% endif %}", "e"),
        ("{% unless nope %}u{% endunless %}", "u"),
        ("{% if true %}  {% assign x = 1 %} {% endif %}|{{ x }}", "|1"),
        ("{% for i in (1..3) %}{{ i }}{% if forloop.last %}.{% else %},{% endif %}{% endfor %}", "1,2,3."),
        ("{% for i in (1..5) reversed limit: 2 offset: 1 %}{{ i }}{% endfor %}", "32"),
        ("{% for i in (1..5) reversed, limit: 2 %}{{ i }}{% endfor %}", "21"),
        ("{% for i in nope %}{% else %}none{% endfor %}", "none"),
        (
            "{% for i in (1..6) limit:2 %}{{ i }}{% endfor %}-{% for i in (1..6) offset:continue limit:2 %}{{ i }}{% endfor %}",
            "12-34",
        ),
        (
            "{% for i in (1..9) %}{% if i == 3 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}!",
            "124!",
        ),
        (
            "{% for i in (1..2) %}{% for j in (1..2) %}{{ forloop.parentloop.index }}{{ j }} {% endfor %}{% endfor %}",
            "11 12 21 22 ",
        ),
        ("{% case name %} x {% when 'a', 'Zoë' %}1{% when 'b' or 'Zoë' %}2{% else %}3{% endcase %}", "12"),
        ("{% case 1 %}{% when 2 %}a{% else %}b{% endcase %}", "b"),
        ("{% case 1 %}{% when 1, 1 %}a{% endcase %}", "aa"),
        ("{% capture x %}[{{ name }}]{% endcapture %}{{ x }}{{ x }}", "[Zoë][Zoë]"),
        ("{% increment c %}{% increment c %}{% decrement c %}{{ c }}", "0111"),
        ("{% for i in (1..4) %}{% cycle 'a', 'b', 'c' %}{% endfor %}", "abca"),
        ("{% cycle 'g': 1, 2 %}{% cycle 'h': 1, 2 %}{% cycle 'g': 1, 2 %}", "112"),
        (
            "{% for i in (1..2) %}{% for j in (1..2) %}{% ifchanged %}{{ i }}{% endifchanged %}{% endfor %}{% endfor %}",
            "12",
        ),
        (
            "{% tablerow i in (1..3) cols:2 %}{{ i }}{% endtablerow %}",
            "<tr class=\"row1\">\n<td class=\"col1\">1</td><td class=\"col2\">2</td></tr>\n<tr class=\"row2\"><td class=\"col1\">3</td></tr>\n",
        ),
        ("{% raw %}{{ x }}{% if {% endraw %}", "{{ x }}{% if "),
        (
            "a{% comment %}{% if %}{% comment %}{% endcomment %}{% raw %} {% endcomment %} {% endraw %}{% endcomment %}b",
            "ab",
        ),
        ("a{%- # hi -%} b", "ab"),
        ("{% doc %}{% if {% enddoc %}x", "x"),
        ("{% liquid\n assign a = 'x'\n if a == 'x'\n echo a\n endif\n comment\n if\n endcomment\n# no\n%}!", "x!"),
        ("{{ name.size }}{{ name.first }}{{ name.last }}", "3Zë"),
        ("{% assign r = (1..3) %}{{ r }}{{ r.last }}{{ r.size }}", "1..333"),
        (
            "{% if name contains 'o' %}c{% endif %}{% if '' == empty %}e{% endif %}{% if nope == blank %}b{% endif %}",
            "ceb",
        ),
        ("{{ 1.0 }} {{ -7 }} {{ 'a' }} {{ true }} {{ nil }} {{ empty }}", "1.0 -7 a true  "),
        ("${Twilio.Profile.name} $ { } }} %}", "${Twilio.Profile.name} $ { } }} %}"),
        ("{% for i in (1..2) %}{% assign i = 9 %}{{ i }}{% endfor %}{{ i }}", "129"),
        ("a{% break %}b", "a"),
    ];
    for (text, expected) in cases {
        assert_eq!(rendered(text, &[("name", "Zoë")]), expected, "{text}");
    }
}
