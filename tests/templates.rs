//! Properties of every template: it ends, says the same twice, and stays within its bounds.

use std::collections::BTreeSet;

use postgate_core::{
    Bounds, RenderOptions, Renderer, Slots, Template, TemplateVariables, list_variables, render_template,
};
use proptest::prelude::*;

/// Pieces that templates are made of, whole and broken.
const PIECES: &[&str] = &[
    "{{ a }}",
    "{{- b | upcase -}}",
    "{{ c.d[0] | default: 'x' }}",
    "{{ a | append: b | size }}",
    "{{ 'é' | truncate: 3 }}",
    "{% if a == b %}",
    "{% if a contains 'x' or b %}",
    "{% elsif c > 1 %}",
    "{% else %}",
    "{% endif %}",
    "{% unless b %}",
    "{% endunless %}",
    "{% case a %}",
    "{% when 'x', 1 or b %}",
    "{% endcase %}",
    "{% for i in (1..3) %}",
    "{% for i in a limit: 2 offset: continue %}",
    "{% for a in c reversed %}",
    "{% endfor %}",
    "{% tablerow i in (1..3) cols: 2 %}",
    "{% endtablerow %}",
    "{% break %}",
    "{% continue -%}",
    "{% assign a = b | append: a %}",
    "{% assign c = a | split: '' %}",
    "{% capture b %}",
    "{% endcapture %}",
    "{% increment a %}",
    "{% decrement b %}",
    "{% cycle 'x', a %}",
    "{% cycle a: 1, 2 %}",
    "{% ifchanged %}",
    "{% endifchanged %}",
    "{% raw %}",
    "{% endraw %}",
    "{% comment %}",
    "{% endcomment %}",
    "{% doc %}",
    "{% enddoc %}",
    "{% # x %}",
    "{% liquid\n",
    "echo a\n",
    "assign a = 1\n",
    "if a\n",
    "endif\n",
    "%}",
    "{{ i }}",
    "{{ forloop.index }}",
    "{{",
    "}}",
    "{%",
    "{",
    "'",
    "\"",
    " ",
    "\n",
    "x",
    "é😀",
    "[",
    "(1..",
    "|",
    ":",
    "-",
];

fn template() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(PIECES), 0..24).prop_map(|pieces| pieces.concat()),
        "\\PC{0,60}",
    ]
}

/// Filters with their arguments.
const FILTERS: &str = "abs|append: b|append: c|append: '&'|at_least: 3|at_most: a|base64_decode|base64_encode|\
    base64_url_safe_encode|capitalize|ceil|compact|concat: c|date: '%A %B %c'|date: a|default: a|default: 'é<'|\
    divided_by: 3.0|downcase|escape|escape_once|find: 'a'|find_index: 'a'|first|floor|has: 'a'|join: b|join|last|lstrip|\
    map: 'a'|minus: 0.1|modulo: 7|newline_to_br|plus: 1|plus: a|prepend: 'ß'|prepend: c|reject: 'a'|remove: 'a'|\
    remove_first: b|remove_last: 'a'|replace: 'a', 'bcd'|replace_first: '', b|replace_last: 'x', 'yz'|reverse|round|\
    round: 3|rstrip|size|slice: 1|slice: -3, 2|sort|sort_natural|split: ''|split: 'a'|split: ' '|squish|strip|strip_html|\
    strip_newlines|sum|times: 1.5|times: a|truncate: 3|truncate: 2, b|truncate|truncatewords: 1|truncatewords: 2, 'é'|\
    uniq|upcase|url_decode|url_encode|where: 'a'|nope";

/// A value with filters behind it, put out or assigned.
fn filtered() -> impl Strategy<Value = String> {
    let filters: Vec<&str> = FILTERS.split('|').collect();
    let value =
        prop::sample::select(vec!["a", "b", "c", "i", "'ß<&'", "1.5", "a[0]", "c.first", "(1..3)", "nil", "true"]);
    let filters = prop::collection::vec(prop::sample::select(filters), 0..4);
    (value, filters, any::<bool>()).prop_map(|(value, filters, is_assigned)| {
        let filters: String = filters.iter().map(|filter| format!(" | {filter}")).collect();
        if is_assigned { format!("{{% assign c = {value}{filters} %}}") } else { format!("{{{{ {value}{filters} }}}}") }
    })
}

/// A template whose blocks match, of as many pieces as it may have.
fn whole() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "x",
        "é ",
        "\n",
        "{{ a }}",
        "{{ b | default: 'none' }}",
        "{{ a | append: b }}",
        "{{ i }}",
        "{{ a.size }}",
        "{{ c | upcase | strip }}",
        "{{ forloop.index }}",
        "{% assign c = a | append: '!' %}",
        "{% increment n %}",
        "{% cycle 'a', b %}",
        "{% break %}",
        "{% continue %}",
        "{% assign c = c | append: c %}",
        "{{ false }}",
        "{{ 1.5 }}",
    ])
    .prop_map(str::to_owned);
    prop_oneof![2 => leaf, 1 => filtered()].prop_recursive(4, 32, 6, |inner| {
        let blocks = vec![
            ("{% if a == 'x' %}", "{% endif %}"),
            ("{% if b %}y{% else %}", "{% endif %}"),
            ("{% unless b == blank %}", "{% endunless %}"),
            ("{% case a %}{% when 'x', b %}", "{% else %}-{% endcase %}"),
            ("{% for i in (1..3) %}", "{% endfor %}"),
            ("{% for i in a limit: 1 %}", "{% else %}none{% endfor %}"),
            ("{% for i in c %}", "{% endfor %}"),
            ("{% for i in c reversed offset: 1 %}", "{% else %}none{% endfor %}"),
            ("{% for i in (1..a) limit: 3 %}", "{% endfor %}"),
            ("{% tablerow i in c %}", "{% endtablerow %}"),
            ("{% for j in (1..5) offset: 1 %}", "{% endfor %}"),
            ("{% tablerow i in (1..3) cols: 2 %}", "{% endtablerow %}"),
            ("{% capture c %}", "{% endcapture %}{{ c }}"),
            ("{% ifchanged %}", "{% endifchanged %}"),
        ];
        (prop::sample::select(blocks), prop::collection::vec(inner, 0..5))
            .prop_map(|((open, close), inside)| [open, &inside.concat(), close].concat())
    })
}

const VARIABLES: &str = r#"{"a":"x","b":" é ","c":{"d":[1,{"e":null}],"f":2.5}}"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_rendered_or_refused_and_twice_the_same(text in template(), other in template()) {
        let first = render_template(&text, VARIABLES.as_bytes(), None);
        prop_assert_eq!(&render_template(&text, VARIABLES.as_bytes(), None), &first);
        serde_json::from_str::<serde_json::Value>(&list_variables(&text)).expect("JSON");
        // What was rendered before leaves nothing behind.
        let (Some(template), Some(other)) = (Template::parse(&text).template, Template::parse(&other).template) else {
            return Ok(());
        };
        let mut renderer = Renderer::default();
        let options = RenderOptions::default();
        let scope = TemplateVariables::read(VARIABLES.as_bytes(), &other).expect("variables");
        renderer.render(&other, &scope, &options);
        let scope = TemplateVariables::read(VARIABLES.as_bytes(), &template).expect("variables");
        let again = renderer.render(&template, &scope, &options).text.to_owned();
        let written: serde_json::Value = serde_json::from_str(&first).expect("JSON");
        prop_assert_eq!(written["text"].as_str(), Some(&*again));
    }

    #[test]
    fn what_has_no_brace_renders_itself(text in "[^{]{0,80}") {
        let parsed = Template::parse(&text);
        prop_assert!(parsed.issues.is_empty());
        let template = parsed.template.expect("a template");
        let mut renderer = Renderer::default();
        prop_assert_eq!(renderer.render(&template, &(), &RenderOptions::default()).text, &*text);
        prop_assert_eq!(template.bounds(&|_| Bounds::any()), Bounds::exactly(text.chars().count()));
    }

    #[test]
    fn spans_lie_in_the_text_and_count_its_units(text in template()) {
        let parsed = Template::parse(&text);
        let spans = parsed.issues.iter().filter_map(|issue| issue.span);
        let uses: Vec<_> = parsed.template.iter().flat_map(Template::variables).collect();
        for span in spans.chain(uses.iter().map(|used| used.span)) {
            let part = text.get(span.start as usize..span.end as usize).expect("a part of the text");
            let units = |text: &str| text.encode_utf16().count() as u32;
            prop_assert_eq!(span.start_utf16, units(&text[..span.start as usize]));
            prop_assert_eq!(span.end_utf16 - span.start_utf16, units(part));
        }
        let listed: BTreeSet<&str> = uses.iter().map(|used| used.name).collect();
        let names: BTreeSet<&str> = parsed.template.iter().flat_map(Template::names).collect();
        prop_assert!(listed.is_subset(&names));
    }

    #[test]
    fn every_rendering_lies_within_the_bounds(
        pieces in prop::collection::vec(whole(), 1..5),
        values in values(),
        wider in prop_oneof![Just((0, 0)), (0..3_usize, 0..3_usize)],
    ) {
        lies_within(&pieces.concat(), &values, wider)?;
    }
}

/// One filter after another, of values that become longer or shorter by them.
#[test]
fn what_filters_make_lies_within_the_bounds() {
    let of_a = [
        "",
        "&",
        "\"",
        "<b>",
        "\u{df}",
        "\u{149}",
        "\n",
        "\u{1F600}",
        "  x",
        "-3.7",
        "99999999",
        "a,bc x",
        "%41=",
        "YQ==",
    ];
    let filters: Vec<&str> = FILTERS.split('|').collect();
    for first in &filters {
        for second in [None].into_iter().chain(filters.iter().map(Some)) {
            let second = second.map_or(String::new(), |second| format!(" | {second}"));
            for value in of_a {
                let text = format!("{{{{ a | {first}{second} }}}}");
                let template = Template::parse(&text).template.expect("a template");
                let of = |name: &str| {
                    if name == "a" {
                        value
                    } else if name == "b" {
                        "\u{e9}<"
                    } else {
                        "7"
                    }
                };
                let values: Vec<Option<String>> = template.names().map(|name| Some(of(name).to_owned())).collect();
                lies_within(&text, &values, (0, 0)).expect("it lies within them");
            }
        }
    }
}

/// Values of variables, by their place among a template's names.
fn values() -> impl Strategy<Value = Vec<Option<String>>> {
    let value = prop_oneof![
        4 => "x|[a-z\u{e9}]{0,6}| \u{e9} ",
        1 => "-?[0-9]{1,3}([.][0-9]{1,9})?",
        1 => "[<>&\u{df}\u{1F600}]{0,5}",
    ];
    prop::collection::vec(prop::option::of(value), 8)
}

/// A rendering is as long as the bounds say, for values that are so long or a little shorter or longer.
fn lies_within(text: &str, values: &[Option<String>], (less, more): (usize, usize)) -> Result<(), TestCaseError> {
    let template = Template::parse(text).template.expect("a template");
    let slots: Vec<Option<&str>> = template.names().zip(values).map(|(_, value)| value.as_deref()).collect();
    let lengths: Vec<usize> = slots.iter().map(|value| value.map_or(0, |value| value.chars().count())).collect();
    let bounds = template.bounds(&|slot| {
        let length = lengths.get(slot).copied().unwrap_or(0);
        Bounds { shortest: length.saturating_sub(less), longest: Some(length + more) }
    });
    let mut renderer = Renderer::default();
    let scope = Slots(&slots);
    let rendered = renderer.render(&template, &scope, &RenderOptions::default());
    if rendered.ok() {
        let (said, length) = (rendered.text, rendered.text.chars().count());
        prop_assert!(bounds.shortest <= length, "{text}: {length} {bounds:?} {said:?}");
        prop_assert!(bounds.longest.is_none_or(|longest| length <= longest), "{text}: {length} {bounds:?} {said:?}");
    }
    Ok(())
}
