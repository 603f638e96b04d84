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

#[test]
fn whatever_grows_or_goes_on_ends_at_a_budget() {
    let long = "x".repeat(500_000);
    let loops =
        |body: &str| format!("{{% for i in (1..1000) %}}{{% for j in (1..1000) %}}{body}{{% endfor %}}{{% endfor %}}");
    let bodies = [
        "",
        "{% ifchanged %}{{ long }}{% endifchanged %}",
        "{% capture a %}{{ long }}{% endcapture %}",
        "{% if long < other %}{% endif %}",
        "{% if long == other %}{% endif %}",
        "{% if long contains other %}{% endif %}",
        "{% cycle long: 1 %}",
        "{% assign a = a | append: long %}",
        "{% assign a = long | split: '' %}",
        "{% if long.size == i %}{% endif %}",
        "{{ long | upcase | size }}",
    ];
    for body in bodies {
        let text = loops(body);
        let template = Template::parse(&text).template.expect(body);
        let slots: Vec<Option<&str>> =
            template.names().map(|name| matches!(name, "long" | "other").then_some(&*long)).collect();
        let mut renderer = Renderer::default();
        let scope = Slots(&slots);
        let rendered = renderer.render(&template, &scope, &RenderOptions::default());
        let over = [Code::TemplateTooManySteps, Code::TemplateTooMuchMemory, Code::TemplateOutputTooLong];
        assert!(rendered.issues.iter().any(|issue| over.contains(&issue.code)), "{body}: {:?}", rendered.issues);
    }
}

#[test]
fn what_is_long_or_deep_is_read_in_good_time() {
    // Each would take minutes if reading went back over what it has read.
    let repeated = |head: &str, body: &str, tail: &str| {
        let room = TEMPLATE_BYTES - head.len() - tail.len();
        [head, &body.repeat(room / body.len()), tail].concat()
    };
    let texts = [
        repeated("{% comment %}", "{%", ""),
        repeated("", "{%", ""),
        repeated("", "{{", ""),
        repeated("{% raw %}", "{% endraw", ""),
        repeated("", "{% doc %}{% enddoc %}", ""),
        repeated("{{ a", "[a", " }}"),
        repeated("{{ a", ".a", " }}"),
        repeated("{{ a", " | size", " }}"),
        repeated("{% if a", " and a", " %}{% endif %}"),
        repeated(&["{% case a", &".a".repeat(20_000), " %}"].concat(), "{% when 1 %}", "{% endcase %}"),
        repeated("", "{% cycle 1 %}", ""),
        repeated("", "{%for a in b%}{%endfor%}", ""),
        repeated("", "{%if a%}", ""),
        repeated("{% liquid\n", "liquid ", "\n%}"),
        repeated("{% liquid\n", "if a\n", "%}"),
    ];
    for text in texts {
        let shown = text.get(..40).unwrap_or(&text);
        let parsed = Template::parse(&text);
        assert!(parsed.issues.len() <= crate::limits::TEMPLATE_LISTED, "{shown}");
        if let Some(template) = parsed.template {
            let mut renderer = Renderer::default();
            renderer.render(&template, &(), &RenderOptions::default());
            assert!(template.variables().all(|used| used.name == "a" || used.name == "b"), "{shown}");
            template.bounds(&|_| Bounds::any());
        }
    }
}

#[test]
fn an_error_behind_a_full_list_still_refuses_the_template() {
    let loose = "{{ a b }}".repeat(crate::limits::TEMPLATE_LISTED + 1);
    let parsed = Template::parse(&loose);
    assert_eq!(parsed.issues.len(), crate::limits::TEMPLATE_LISTED);
    let template = parsed.template.expect("a template");
    assert_eq!(template.variables().count(), crate::limits::TEMPLATE_LISTED + 1);
    let parsed = Template::parse(&[&loose, "{% capture a %}b"].concat());
    assert!(parsed.template.is_none());
    assert_eq!(parsed.issues.len(), crate::limits::TEMPLATE_LISTED);
}

#[test]
fn a_text_is_one_item_whatever_bounds_its_loop() {
    for text in ["{% for i in i limit: 0 %}ab{% endfor %}", "{% assign x = a %}{% for i in x limit: 0 %}ab{% endfor %}"]
    {
        let template = Template::parse(text).template.expect("a template");
        let mut renderer = Renderer::default();
        let rendered = renderer.render(&template, &Slots(&[Some("x"), Some("x")]), &RenderOptions::default());
        assert_eq!(rendered.text, "ab", "{text}");
        assert_eq!(template.bounds(&|_| Bounds::exactly(1)), Bounds { shortest: 0, longest: Some(2) }, "{text}");
    }
}

#[test]
fn looking_through_a_long_text_is_paid_for() {
    let bodies = [
        "{% if p == blank %}{% endif %}",
        "{% case p %}{% when blank %}{% endcase %}",
        "{% for i in (1..p) %}{% endfor %}",
        "{% for i in (p..1) %}{% endfor %}",
        "{% for i in (1..2) limit: p %}{% endfor %}",
        "{% for i in (1..2) offset: p %}{% endfor %}",
        "{% tablerow i in (1..2) cols: p %}{% endtablerow %}",
        "{% cycle p: 1, 2 %}",
        "{{ 'a' | replace: p, 'b' }}",
        "{{ 'a' | split: p }}",
        "{{ 1 | plus: p }}",
        "{{ [list] }}",
        "{{ 'a' | slice: list }}",
    ];
    let long = " ".repeat(100_000);
    let budgets = Budgets { steps: 100_000, ..Budgets::default() };
    for body in bodies {
        let text = ["{% assign list = p | split: '-' %}{% for n in (1..1000) %}", body, "{% endfor %}"].concat();
        let template = Template::parse(&text).template.expect("a template");
        let slots: Vec<Option<&str>> = template.names().map(|name| (name == "p").then_some(&*long)).collect();
        let mut renderer = Renderer::default();
        let options = RenderOptions { budgets, ..RenderOptions::default() };
        let codes: Vec<Code> =
            renderer.render(&template, &Slots(&slots), &options).issues.iter().map(|i| i.code).collect();
        assert!(codes.contains(&Code::TemplateTooManySteps), "{body}: {codes:?}");
    }
}

#[test]
fn what_goes_wrong_again_and_again_is_pointed_to_once() {
    // Measuring where it stands each time would take minutes.
    let front = "é".repeat(45_000);
    let text = [&front, "{% for i in (1..60000) %}{{ 1 | divided_by: 0 }}{% endfor %}"].concat();
    let template = Template::parse(&text).template.expect("a template");
    let mut renderer = Renderer::default();
    let rendered = renderer.render(&template, &(), &RenderOptions::default());
    let places: Vec<_> = rendered.issues.iter().map(|issue| (issue.code, issue.span.map(|span| span.start))).collect();
    let at = |body: &str| text.find(body).map(|at| at as u32);
    assert_eq!(places, [(Code::TemplateInvalidArgument, at("divided_by: 0"))]);
}

#[test]
fn sorting_ends_where_the_budget_does() {
    let list = (0..9_000).map(|number| format!("{:04},", number * 7 % 9_000)).collect::<String>();
    let template = Template::parse("{{ p | split: ',' | sort | size }}").template.expect("a template");
    let mut renderer = Renderer::default();
    let slots = [Some(&*list)];
    let scope = Slots(&slots);
    let mut rendered = |steps: u32| {
        let budgets = Budgets { steps, ..Budgets::default() };
        let options = RenderOptions { budgets, ..RenderOptions::default() };
        let rendered = renderer.render(&template, &scope, &options);
        (rendered.text.to_owned(), rendered.issues.iter().map(|issue| issue.code).collect::<Vec<_>>())
    };
    assert_eq!(rendered(100_000), ("9000".to_owned(), vec![]));
    assert_eq!(rendered(20_000), (String::new(), vec![Code::TemplateTooManySteps]));
}

#[test]
fn looking_for_members_is_paid_for() {
    let members = |count: usize, front: &str| {
        let members: Vec<String> = (0..count).map(|number| format!("\"{front}{number:04}\":1")).collect();
        members.join(",")
    };
    let long = "x".repeat(40_000);
    let json = format!(
        "{{\"many\":{{{}}},\"long\":{{{}}},\"list\":[{{{}}}],\"name\":\"{long}0009\"}}",
        members(3_000, ""),
        members(9, &long),
        members(9, &long)
    );
    let budgets = Budgets { steps: 100_000, ..Budgets::default() };
    for body in ["{% if many == many %}{% endif %}", "{{ long[name] }}", "{{ list | map: name }}"] {
        let text = ["{% for n in (1..2000) %}", body, "{% endfor %}"].concat();
        let template = Template::parse(&text).template.expect("a template");
        let variables = Variables::read(json.as_bytes(), &template).expect("variables");
        let mut renderer = Renderer::default();
        let options = RenderOptions { budgets, ..RenderOptions::default() };
        let rendered = renderer.render(&template, &variables, &options);
        let codes: Vec<Code> = rendered.issues.iter().map(|issue| issue.code).collect();
        assert!(codes.contains(&Code::TemplateTooManySteps), "{body}: {codes:?}");
    }
}

#[test]
fn numbers_far_from_one_are_paid_for_as_they_are_read() {
    let template = Template::parse("{{ list | size }}").template.expect("a template");
    for (number, most) in
        [("1.5", None), ("0.00", Some(40_000)), ("1e3", None), ("1e-300", Some(1_500)), ("-4.5e299", Some(1_500))]
            .into_iter()
            .chain([("1e-350", Some(30_000)), ("1e350", Some(1_500))])
    {
        let read = |count: usize| {
            let json = format!("{{\"list\":[{}{number}]}}", format!("{number},").repeat(count - 1));
            Variables::read(json.as_bytes(), &template).err().map(|issue| issue.code)
        };
        assert_eq!(read(most.unwrap_or(100_000)), None, "{number}");
        assert_eq!(read(100_000), most.map(|_| Code::TemplateTooManySteps), "{number}");
    }
}
