//! The route table: which method and path is which act, and which scope it asks of a key.

pub mod development;
pub mod forward;
pub mod health;
pub mod issues;
pub mod messages;
pub mod operations;
pub mod translate;

use postgate_core::AccountRequest;

use crate::http::fault::Fault;
use crate::settings::key::Scope;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Hand in a send.
    Send,
    /// Have a send judged.
    DryRun,
    /// Read an operation.
    Operation,
    /// Pass it on.
    Forward(Forward),
    /// List operations.
    Operations,
    /// Take a send back.
    Cancel,
    /// Settle a batch that is unknown.
    Settle,
    /// List whom the upstream refused.
    Errors,
    /// Whether the edge serves, and if not, why.
    Health,
    /// The page about all codes.
    Issues,
    /// Panic, in development.
    Panic,
    /// Turn the clock, in development.
    Clock,
}

/// What is passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forward {
    /// Query parameters that the contract knows.
    pub parameters: &'static [&'static str],
    /// What its body has to be; none has no body.
    pub body: Option<AccountRequest>,
    /// What is looked at beside the scope.
    pub guard: Guard,
}

/// Whose it is that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The account's; the scope says all.
    Account,
    /// A list of messages.
    Messages,
    /// A message.
    Message,
    /// A redirect to a message.
    Seek,
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

const fn account(method: &'static str, path: &'static str, parameters: &'static [&'static str]) -> Row {
    row(method, path, Some(Scope::Account), Act::Forward(Forward { parameters, body: None, guard: Guard::Account }))
}

const fn account_body(method: &'static str, path: &'static str, body: AccountRequest) -> Row {
    let forward = Forward { parameters: &[], body: Some(body), guard: Guard::Account };
    row(method, path, Some(Scope::Account), Act::Forward(forward))
}

const fn messages(path: &'static str, parameters: &'static [&'static str], guard: Guard) -> Row {
    row("GET", path, Some(Scope::Read), Act::Forward(Forward { parameters, body: None, guard }))
}

/// The parameters of lists are those of the API's reference and of Twilio's generated clients.
const MESSAGES: &[&str] = &[
    "operationId",
    "sessionId",
    "startDate",
    "endDate",
    "profile",
    "channel",
    "status",
    "tags",
    "pageToken",
    "pageSize",
];
const SENDERS: &[&str] = &["channel", "status", "startDate", "endDate", "pageToken", "pageSize"];
const POOLS: &[&str] = &["startDate", "endDate", "operationId", "pageToken", "pageSize"];
const POOL_OPERATIONS: &[&str] = &["startDate", "endDate", "status", "pageToken", "pageSize"];

/// All there is. The first path that fits is the one, so words come before ids.
pub const TABLE: &[Row] = &[
    row("POST", "/v1/Messages", Some(Scope::Send), Act::Send),
    row("POST", "/v1/Messages/DryRun", Some(Scope::Send), Act::DryRun),
    row("GET", "/v1/Messages/Operations", Some(Scope::Read), Act::Operations),
    row("GET", "/v1/Messages/Operations/{operationId}", Some(Scope::Read), Act::Operation),
    row("POST", "/v1/Messages/Operations/{operationId}/Cancel", Some(Scope::Send), Act::Cancel),
    row("POST", "/v1/Messages/Operations/{operationId}/Settle", Some(Scope::Account), Act::Settle),
    row("GET", "/v1/Messages/Operations/{operationId}/Errors", Some(Scope::Read), Act::Errors),
    messages("/v1/Messages", MESSAGES, Guard::Messages),
    messages("/v1/Messages/Seek/{sid}", &[], Guard::Seek),
    messages("/v1/Messages/{messageId}", &[], Guard::Message),
    account("GET", "/v1/Senders", SENDERS),
    account_body("POST", "/v1/Senders/Search", AccountRequest::SearchSenders),
    account_body("POST", "/v1/Senders/Resolve", AccountRequest::ResolveSenders),
    account("GET", "/v1/Senders/{senderId}", &[]),
    account("GET", "/v1/SenderPools", POOLS),
    account_body("POST", "/v1/SenderPools", AccountRequest::CreateSenderPool),
    account("GET", "/v1/SenderPools/Operations", POOL_OPERATIONS),
    account("GET", "/v1/SenderPools/Operations/{operationId}", &[]),
    account("GET", "/v1/SenderPools/{senderPoolId}", &[]),
    account_body("PATCH", "/v1/SenderPools/{senderPoolId}", AccountRequest::UpdateSenderPool),
    account("DELETE", "/v1/SenderPools/{senderPoolId}", &[]),
    account("GET", "/v1/SenderPools/{senderPoolId}/Senders", SENDERS),
    account_body("POST", "/v1/SenderPools/{senderPoolId}/Senders", AccountRequest::AddSenders),
    account("DELETE", "/v1/SenderPools/{senderPoolId}/Senders/{senderId}", &[]),
    row("GET", "/health", None, Act::Health),
    row("GET", "/issues", None, Act::Issues),
    row("POST", "/development/panic", None, Act::Panic),
    row("POST", "/development/clock", None, Act::Clock),
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

    /// The path after a prefix, put together from the table and the ids.
    pub fn path_behind(&self, prefix: &str) -> String {
        let mut ids = self.ids.iter();
        let pattern = self.row.path.strip_prefix(prefix).unwrap_or(self.row.path);
        let segments = pattern.split('/').map(|segment| match segment.starts_with('{') {
            true => ids.next().copied().unwrap_or_default(),
            false => segment,
        });
        segments.collect::<Vec<&str>>().join("/")
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
        assert_eq!(act("GET", "/v1/Messages/Operations"), Act::Operations);
        for (method, word, expected) in
            [("POST", "Cancel", Act::Cancel), ("POST", "Settle", Act::Settle), ("GET", "Errors", Act::Errors)]
        {
            assert_eq!(act(method, &format!("/v1/Messages/Operations/x/{word}")), expected);
        }
        let route = Route::of("GET", "/v1/Messages/Operations/x").unwrap();
        assert_eq!((route.row.act, route.id()), (Act::Operation, "x"));
        let route = Route::of("DELETE", "/v1/SenderPools/a/Senders/b").unwrap();
        assert_eq!(route.path_behind("/v1"), "/SenderPools/a/Senders/b");
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
    fn the_description_has_these_routes_scopes_and_parameters_and_no_others() {
        let described: serde_json::Value = serde_json::from_str(include_str!("../../www/openapi.json")).unwrap();
        let mut described_routes = Vec::new();
        for (path, item) in described["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "parameters") {
                described_routes.push(format!("{} {path}", method.to_uppercase()));
                let row = TABLE.iter().find(|row| row.path == path && row.method == method.to_uppercase());
                let row = row.unwrap_or_else(|| panic!("there is no {method} {path}"));
                let scope = row.scope.map(|scope| format!("Scope `{}`.", scope.as_str()));
                let text = operation["description"].as_str().unwrap_or_default();
                assert!(scope.as_ref().is_none_or(|scope| text.ends_with(scope)), "{path}: {text}");
                assert_eq!(scope.is_none(), operation["security"] == serde_json::json!([]), "{path}");
                if let Act::Forward(Forward { parameters, body, .. }) = row.act {
                    let names = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
                        let reference = parameter["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
                        reference.or(parameter["name"].as_str()).unwrap()
                    });
                    assert_eq!(names.collect::<Vec<&str>>(), parameters, "{path}");
                    assert_eq!(body.is_some(), operation["requestBody"].is_object(), "{path}");
                }
            }
        }
        let mut routes: Vec<String> = TABLE.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
        routes.retain(|route| !route.contains("/development/"));
        routes.sort();
        described_routes.sort();
        assert_eq!(described_routes, routes);
    }

    #[test]
    fn only_what_belongs_to_the_api_asks_for_a_key() {
        for row in TABLE {
            assert_eq!(row.scope.is_some(), row.path.starts_with("/v1/"), "{}", row.path);
        }
    }
}
