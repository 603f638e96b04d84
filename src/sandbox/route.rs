//! The route table: which method and path is which act.

use crate::problem::Refusal;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// `POST /v1/Messages`
    Send,
    /// `GET /v1/Messages`
    ListMessages,
    /// `GET /v1/Messages/{id}`
    FetchMessage(&'a str),
    /// `GET /v1/Messages/Operations`
    ListOperations,
    /// `GET /v1/Messages/Operations/{id}`
    FetchOperation(&'a str),
    /// `GET /sandbox/health`
    Health,
    /// `GET /sandbox/requests`
    ListRequests,
    /// `GET /sandbox/requests/{n}/body`
    RequestBody(u32),
    /// `GET /sandbox/unkindness`
    ListRules,
    /// `POST /sandbox/unkindness`
    AddRules,
    /// `DELETE /sandbox/unkindness`
    ClearRules,
    /// `DELETE /sandbox`
    Forget,
}

impl<'a> Route<'a> {
    /// The act behind a method and a path, or the 404 or 405 to answer.
    pub fn of(method: &str, path: &'a str) -> Result<Self, Refusal> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let (allow, route) = match segments[..] {
            ["v1", "Messages"] => match method {
                "POST" => ("", Some(Self::Send)),
                "GET" => ("", Some(Self::ListMessages)),
                _ => ("GET, POST", None),
            },
            ["v1", "Messages", "Operations"] => get(method, Self::ListOperations),
            ["v1", "Messages", "Operations", id] => get(method, Self::FetchOperation(id)),
            ["v1", "Messages", id] => get(method, Self::FetchMessage(id)),
            ["sandbox", "health"] => get(method, Self::Health),
            ["sandbox", "requests"] => get(method, Self::ListRequests),
            ["sandbox", "requests", n, "body"] => {
                let n = n.parse().map_err(|_| Refusal::not_found())?;
                get(method, Self::RequestBody(n))
            }
            ["sandbox", "unkindness"] => match method {
                "GET" => ("", Some(Self::ListRules)),
                "POST" => ("", Some(Self::AddRules)),
                "DELETE" => ("", Some(Self::ClearRules)),
                _ => ("DELETE, GET, POST", None),
            },
            ["sandbox"] => ("DELETE", (method == "DELETE").then_some(Self::Forget)),
            _ => return Err(Refusal::not_found()),
        };
        route.ok_or_else(|| Refusal::method_not_allowed(allow))
    }

    /// Whether the path belongs to the imitated API, which asks for credentials; the test door does not.
    pub fn is_api(path: &str) -> bool {
        path.split('/').nth(1) == Some("v1")
    }
}

fn get<'a>(method: &str, route: Route<'a>) -> (&'static str, Option<Route<'a>>) {
    ("GET", (method == "GET").then_some(route))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: &str, path: &str) -> (u16, Option<&'static str>) {
        let refusal = Route::of(method, path).expect_err(path);
        (refusal.status, refusal.allow)
    }

    #[test]
    fn operations_are_told_from_messages() {
        assert_eq!(Route::of("GET", "/v1/Messages/Operations"), Ok(Route::ListOperations));
        assert_eq!(Route::of("GET", "/v1/Messages/Operations/x"), Ok(Route::FetchOperation("x")));
        assert_eq!(Route::of("GET", "/v1/Messages/x"), Ok(Route::FetchMessage("x")));
    }

    #[test]
    fn a_known_path_with_another_method_says_which_are_allowed() {
        assert_eq!(status("PUT", "/v1/Messages"), (405, Some("GET, POST")));
        assert_eq!(status("POST", "/v1/Messages/Operations"), (405, Some("GET")));
        assert_eq!(status("GET", "/sandbox"), (405, Some("DELETE")));
    }

    #[test]
    fn anything_else_is_not_found() {
        for path in
            ["", "/", "/v1", "/v1/", "/v1/messages", "/v1/Messages/Operations/x/Errors", "/sandbox/requests/x/body"]
        {
            assert_eq!(status("GET", path), (404, None), "{path}");
        }
    }
}
