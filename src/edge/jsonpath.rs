//! JSON Pointer (RFC 6901) to JSON Path (RFC 9535), the form in which the API's error envelope names a field, and back.

/// The path of the value that `pointer` leads to.
pub fn from_pointer(pointer: &str) -> String {
    let mut path = String::from("$");
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        if is_index(&name) {
            path.push_str(&format!("[{name}]"));
        } else if is_plain(&name) {
            path.push('.');
            path.push_str(&name);
        } else {
            path.push_str("['");
            for c in name.chars() {
                push_escaped(&mut path, c);
            }
            path.push_str("']");
        }
    }
    path
}

/// Most members of a path of the upstream's that is read, and most characters of one.
const DEEP: (usize, usize) = (8, 64);

/// The pointer behind a path of the upstream's, if it consists of plain names and indexes: names in quotes may be
/// anybody's words, and are not repeated.
pub fn to_pointer(path: &str) -> Option<String> {
    let mut rest = path.strip_prefix('$')?;
    let (mut pointer, mut members) = (String::new(), 0);
    while !rest.is_empty() {
        let (name, behind) = match rest.strip_prefix('[') {
            Some(index) => index.split_once(']').filter(|(index, _)| is_index(index))?,
            None => {
                let name = rest.strip_prefix('.')?;
                name.split_at_checked(name.find(['.', '[']).unwrap_or(name.len())).filter(|(name, _)| is_plain(name))?
            }
        };
        members += 1;
        if members > DEEP.0 || name.len() > DEEP.1 {
            return None;
        }
        pointer.push('/');
        pointer.push_str(name);
        rest = behind;
    }
    Some(pointer)
}

/// A pointer does not tell an index from a member named by digits, which no field of the API is.
fn is_index(name: &str) -> bool {
    name == "0" || (!name.starts_with('0') && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Names that may follow a dot (`member-name-shorthand`).
fn is_plain(name: &str) -> bool {
    let first = |c: char| c == '_' || c.is_ascii_alphabetic() || !c.is_ascii();
    name.starts_with(first) && name.chars().all(|c| first(c) || c.is_ascii_digit())
}

fn push_escaped(path: &mut String, c: char) {
    match c {
        '\'' | '\\' => path.extend(['\\', c]),
        '\n' => path.push_str("\\n"),
        '\r' => path.push_str("\\r"),
        '\t' => path.push_str("\\t"),
        c if c < ' ' => path.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => path.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::{from_pointer, to_pointer};

    #[test]
    fn plain_paths_become_pointers() {
        for (path, pointer) in [
            ("$", Some("")),
            ("$.to[17000].address", Some("/to/17000/address")),
            ("$.content.text", Some("/content/text")),
            ("$.to[0]['+14155550100']", None),
            ("$.to[01]", None),
            ("$.to[0", None),
            ("$..to", None),
            ("to", None),
            ("null", None),
        ] {
            assert_eq!(to_pointer(path).as_deref(), pointer, "{path}");
        }
        assert_eq!(to_pointer(&format!("${}", ".a".repeat(9))), None);
        assert_eq!(to_pointer(&format!("$.{}", "a".repeat(65))), None);
    }

    #[test]
    fn pointers_become_paths() {
        for (pointer, path) in [
            ("", "$"),
            ("/to/17000/address", "$.to[17000].address"),
            ("/to/0/variables/first name", "$.to[0].variables['first name']"),
            ("/to/0/variables/1", "$.to[0].variables[1]"),
            ("/tags/a~1b~0c", "$.tags['a/b~c']"),
            ("/tags/~01", "$.tags['~1']"),
            ("/tags/it's \\ \n\u{1}", "$.tags['it\\'s \\\\ \\n\\u0001']"),
            ("/tags/", "$.tags['']"),
            ("/tags/007", "$.tags['007']"),
            ("/tags/ключ_1", "$.tags.ключ_1"),
            ("/tags/a-b", "$.tags['a-b']"),
        ] {
            assert_eq!(from_pointer(pointer), path, "{pointer}");
        }
    }
}
