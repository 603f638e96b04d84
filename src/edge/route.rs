//! The route table: which method and path is which act.

use crate::fault::Fault;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// `POST /v1/Messages`
    Send,
    /// `POST /v1/Messages/DryRun`
    DryRun,
    /// `GET /v1/Messages/Operations/{id}`
    Operation(&'a str),
    /// `GET /health`
    Health,
    /// `GET /issues`
    Issues,
    /// `POST /development/panic`
    Panic,
    /// `OPTIONS` of any path; holds what is allowed there.
    Options(&'static str),
}

const GET: &str = "GET, HEAD";
const POST: &str = "POST";

impl<'a> Route<'a> {
    /// The act behind a method and a path. HEAD is GET whose body is left out on the way.
    pub fn of(method: &str, path: &'a str) -> Result<Self, Fault> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let (allow, route) = match segments[..] {
            ["v1", "Messages"] => (POST, Self::Send),
            ["v1", "Messages", "DryRun"] => (POST, Self::DryRun),
            ["v1", "Messages", "Operations", id] if !id.is_empty() => (GET, Self::Operation(id)),
            ["health"] => (GET, Self::Health),
            ["issues"] => (GET, Self::Issues),
            ["development", "panic"] => (POST, Self::Panic),
            _ => return Err(Fault::NotFound),
        };
        match method {
            "POST" if allow == POST => Ok(route),
            "GET" | "HEAD" if allow == GET => Ok(route),
            "OPTIONS" => Ok(Self::Options(allow)),
            _ => Err(Fault::MethodNotAllowed(allow)),
        }
    }

    /// Whether the act is part of the API, which asks for a key.
    pub fn is_api(&self) -> bool {
        matches!(self, Self::Send | Self::DryRun | Self::Operation(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_methods_lead_to_acts() {
        assert_eq!(Route::of("POST", "/v1/Messages"), Ok(Route::Send));
        assert_eq!(Route::of("POST", "/v1/Messages/DryRun"), Ok(Route::DryRun));
        assert_eq!(Route::of("GET", "/v1/Messages/Operations/x"), Ok(Route::Operation("x")));
        assert_eq!(Route::of("HEAD", "/health"), Ok(Route::Health));
        assert_eq!(Route::of("OPTIONS", "/v1/Messages"), Ok(Route::Options(POST)));
        assert_eq!(Route::of("GET", "/v1/Messages"), Err(Fault::MethodNotAllowed(POST)));
        assert_eq!(Route::of("DELETE", "/v1/Messages/Operations/x"), Err(Fault::MethodNotAllowed(GET)));
    }

    #[test]
    fn anything_else_is_not_found() {
        for path in
            ["", "/", "/v1", "/v1/messages", "/v1/Messages/", "/v1/Messages/Operations/", "/v1/Messages/Operations/x/y"]
        {
            assert_eq!(Route::of("GET", path), Err(Fault::NotFound), "{path}");
        }
    }
}
