//! `GET /issues`: one page about every code, made from core's registry. Errors point at its sections.

use std::fmt::Write;

use postgate_core::Code;

use crate::http::respond::Reply;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Issues · Postgate</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1rem; margin: 2rem 0 0; }
section:target { outline: 2px solid; outline-offset: .75rem; }
p { margin: .25rem 0; }
</style>
</head>
<body>
<main>
<h1>Issues</h1>
<p>What can be found in a request. An error keeps it from being sent; a warning does not, but a person should look;
a note says that something harmless was changed. A word in braces stands for what the issue names.</p>
"#;

/// The page.
pub fn page() -> Reply {
    let mut html = String::from(HEAD);
    for &code in Code::ALL {
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<section id=\"{code}\">\n<h2><a href=\"#{code}\"><code>{code}</code></a> · {}</h2>\n<p>{}</p>\n<p>{}</p>\n",
            code.severity(),
            escape(code.sentence()),
            escape(code.help()),
        );
        if let Some(number) = code.twilio() {
            let _ = writeln!(
                html,
                "<p>In Twilio's dictionary: <a href=\"https://www.twilio.com/docs/api/errors/{number}\">{number}</a></p>"
            );
        }
        html.push_str("</section>\n");
    }
    html.push_str("</main>\n</body>\n</html>\n");
    Reply::empty(200)
        .with("content-type", "text/html; charset=utf-8")
        .with("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
        .with_body(html)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_section() {
        let html = String::from_utf8(page().body).unwrap();
        for &code in Code::ALL {
            assert!(html.contains(&format!("<section id=\"{code}\">")), "{code}");
            assert!(html.contains(&escape(code.sentence())) && html.contains(&escape(code.help())), "{code}");
        }
    }
}
