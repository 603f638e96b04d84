//! The route table: which method and path is which act, and which scope it asks of a key.

use crate::fault::Fault;
use crate::key::Scope;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Hand in a send.
    Send,
    /// Have a send judged.
    DryRun,
    /// Read an operation.
    Operation,
    /// Whether the edge serves, and if not, why.
    Health,
    /// The page about all codes.
    Issues,
    /// Panic, in development.
    Panic,
}

/// A line of the table.
#[derive(Debug)]
pub struct Row {
    /// The method; GET stands for HEAD too.
    pub method: &'static str,
    /// The path; a segment in braces stands for any text.
    pub path: &'static str,
    /// What the key has to be for; none asks for no key.
    pub scope: Option<Scope>,
    /// What is done.
    pub act: Act,
}

const fn row(method: &'static str, path: &'static str, scope: Option<Scope>, act: Act) -> Row {
    Row { method, path, scope, act }
}

/// All there is. The first path that fits is the one, so that words come in front of ids.
pub const TABLE: &[Row] = &[
    row("POST", "/v1/Messages", Some(Scope::Send), Act::Send),
    row("POST", "/v1/Messages/DryRun", Some(Scope::Send), Act::DryRun),
    row("GET", "/v1/Messages/Operations/{operationId}", Some(Scope::Read), Act::Operation),
    row("GET", "/health", None, Act::Health),
    row("GET", "/issues", None, Act::Issues),
    row("POST", "/development/panic", None, Act::Panic),
];

/// A line of the table, and what stands in the places of its braces.
#[derive(Debug)]
pub struct Route<'a> {
    /// The line.
    pub row: &'static Row,
    /// The texts, as they stand in the path.
    pub ids: Vec<&'a str>,
}

impl<'a> Route<'a> {
    /// The line for a method and a path. HEAD is GET whose body is left out on the way.
    pub fn of(method: &str, path: &'a str) -> Result<Self, Fault> {
        let method = if method == "HEAD" { "GET" } else { method };
        let (pattern, ids) = find(path).ok_or(Fault::NotFound)?;
        let row = rows(pattern).find(|row| row.method == method);
        row.map(|row| Self { row, ids }).ok_or_else(|| Fault::MethodNotAllowed(methods(pattern)))
    }

    /// The text in the place of the first braces.
    pub fn id(&self) -> &'a str {
        self.ids.first().copied().unwrap_or_default()
    }
}

/// The methods of a path, as `Allow` lists them; none if there is nothing.
pub fn allowed(path: &str) -> Option<String> {
    find(path).map(|(pattern, _)| methods(pattern))
}

fn find(path: &str) -> Option<(&'static str, Vec<&str>)> {
    TABLE.iter().find_map(|row| fit(row.path, path).map(|ids| (row.path, ids)))
}

fn rows(pattern: &'static str) -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(move |row| row.path == pattern)
}

fn methods(pattern: &'static str) -> String {
    let methods: Vec<&str> = rows(pattern)
        .flat_map(
            |row| if row.method == "GET" { ["GET", "HEAD"].as_slice() } else { std::slice::from_ref(&row.method) },
        )
        .copied()
        .collect();
    methods.join(", ")
}

/// What stands in a path in the places of a pattern's braces, if it fits.
fn fit<'a>(pattern: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut ids = Vec::new();
    let mut given = path.split('/');
    for expected in pattern.split('/') {
        let segment = given.next()?;
        if expected.starts_with('{') && !segment.is_empty() {
            ids.push(segment);
        } else if expected != segment {
            return None;
        }
    }
    given.next().is_none().then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(method: &str, path: &str) -> Act {
        Route::of(method, path).expect(path).row.act
    }

    fn fault(method: &str, path: &str) -> Fault {
        Route::of(method, path).expect_err(path)
    }

    #[test]
    fn paths_and_methods_lead_to_acts() {
        assert_eq!(act("POST", "/v1/Messages"), Act::Send);
        assert_eq!(act("POST", "/v1/Messages/DryRun"), Act::DryRun);
        assert_eq!(act("HEAD", "/health"), Act::Health);
        let route = Route::of("GET", "/v1/Messages/Operations/x").unwrap();
        assert_eq!((route.row.act, route.id()), (Act::Operation, "x"));
    }

    #[test]
    fn another_method_is_told_what_is_allowed() {
        assert_eq!(fault("GET", "/v1/Messages/DryRun"), Fault::MethodNotAllowed("POST".to_owned()));
        assert_eq!(fault("DELETE", "/v1/Messages/Operations/x"), Fault::MethodNotAllowed("GET, HEAD".to_owned()));
        for method in ["", "get", "TRACE", "CONNECT", "POST, GET"] {
            assert_eq!(fault(method, "/health"), Fault::MethodNotAllowed("GET, HEAD".to_owned()), "{method}");
        }
        assert_eq!(allowed("/v1/Messages/DryRun").as_deref(), Some("POST"));
        assert_eq!(allowed("/v1/Nothing"), None);
    }

    #[test]
    fn anything_else_is_not_found() {
        for path in
            ["", "/", "/v1", "/v1/messages", "/v1/Messages/", "/v1/Messages/Operations/", "/v1/Messages/Operations/x/y"]
        {
            assert_eq!(fault("GET", path), Fault::NotFound, "{path}");
        }
    }

    #[test]
    fn only_what_belongs_to_the_api_asks_for_a_key() {
        for row in TABLE {
            assert_eq!(row.scope.is_some(), row.path.starts_with("/v1/"), "{}", row.path);
        }
    }
}
