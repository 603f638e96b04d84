//! The route table: which method and path is which act.

use crate::problem::Refusal;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'a> {
    /// `POST /v1/Messages`
    Send,
    /// `GET /v1/Messages`
    ListMessages,
    /// `GET /v1/Messages/{id}`
    FetchMessage(&'a str),
    /// `GET /v1/Messages/Seek/{sid}`
    SeekMessage(&'a str),
    /// `GET /v1/Messages/Operations`
    ListOperations,
    /// `GET /v1/Messages/Operations/{id}`
    FetchOperation(&'a str),
    /// `GET /v1/Senders`
    ListSenders,
    /// `GET /v1/Senders/{id}`
    FetchSender(&'a str),
    /// `POST /v1/Senders/Search`
    SearchSenders,
    /// `POST /v1/Senders/Resolve`
    ResolveSenders,
    /// `GET /v1/SenderPools`
    ListPools,
    /// `POST /v1/SenderPools`
    CreatePool,
    /// `GET /v1/SenderPools/{id}`
    FetchPool(&'a str),
    /// `PATCH /v1/SenderPools/{id}`
    UpdatePool(&'a str),
    /// `DELETE /v1/SenderPools/{id}`
    DeletePool(&'a str),
    /// `GET /v1/SenderPools/{id}/Senders`
    ListPoolSenders(&'a str),
    /// `POST /v1/SenderPools/{id}/Senders`
    AddPoolSenders(&'a str),
    /// `DELETE /v1/SenderPools/{id}/Senders/{id}`
    RemovePoolSender(&'a str, &'a str),
    /// `GET /v1/SenderPools/Operations`
    ListPoolOperations,
    /// `GET /v1/SenderPools/Operations/{id}`
    FetchPoolOperation(&'a str),
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
    /// `GET /sandbox/clock`
    ShowClock,
    /// `POST /sandbox/clock`
    SetClock,
    /// `GET /sandbox/pace`
    ShowPace,
    /// `PUT /sandbox/pace`
    SetPace,
    /// `GET /sandbox/webhook`
    ShowWebhook,
    /// `PUT /sandbox/webhook`
    SetWebhook,
    /// `DELETE /sandbox/webhook`
    ClearWebhook,
    /// `POST /sandbox/operations/{id}/cancel`
    Cancel(&'a str),
    /// `POST /sandbox/senders`
    StoreSender,
    /// `POST /sandbox/profiles`
    StoreProfiles,
    /// `POST /sandbox/cohorts`
    StoreCohort,
    /// `DELETE /sandbox`
    Forget,
}

impl<'a> Route<'a> {
    /// The act behind a method and a path, or the 404 or 405 to answer.
    pub fn of(method: &str, path: &'a str) -> Result<Self, Refusal> {
        use Route::*;
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        // Fixed names before the ids that stand in their place.
        let acts: &[(&'static str, Self)] = match segments[..] {
            ["v1", "Messages"] => &[("GET", ListMessages), ("POST", Send)],
            ["v1", "Messages", "Operations"] => &[("GET", ListOperations)],
            ["v1", "Messages", "Operations", id] => &[("GET", FetchOperation(id))],
            ["v1", "Messages", "Seek", sid] => &[("GET", SeekMessage(sid))],
            ["v1", "Messages", id] => &[("GET", FetchMessage(id))],
            ["v1", "Senders"] => &[("GET", ListSenders)],
            ["v1", "Senders", "Search"] => &[("POST", SearchSenders)],
            ["v1", "Senders", "Resolve"] => &[("POST", ResolveSenders)],
            ["v1", "Senders", id] => &[("GET", FetchSender(id))],
            ["v1", "SenderPools"] => &[("GET", ListPools), ("POST", CreatePool)],
            ["v1", "SenderPools", "Operations"] => &[("GET", ListPoolOperations)],
            ["v1", "SenderPools", "Operations", id] => &[("GET", FetchPoolOperation(id))],
            ["v1", "SenderPools", id] => {
                &[("DELETE", DeletePool(id)), ("GET", FetchPool(id)), ("PATCH", UpdatePool(id))]
            }
            ["v1", "SenderPools", id, "Senders"] => &[("GET", ListPoolSenders(id)), ("POST", AddPoolSenders(id))],
            ["v1", "SenderPools", id, "Senders", sender] => &[("DELETE", RemovePoolSender(id, sender))],
            ["sandbox"] => &[("DELETE", Forget)],
            ["sandbox", "health"] => &[("GET", Health)],
            ["sandbox", "requests"] => &[("GET", ListRequests)],
            ["sandbox", "requests", n, "body"] => &[("GET", RequestBody(n.parse().map_err(|_| Refusal::not_found())?))],
            ["sandbox", "unkindness"] => &[("DELETE", ClearRules), ("GET", ListRules), ("POST", AddRules)],
            ["sandbox", "clock"] => &[("GET", ShowClock), ("POST", SetClock)],
            ["sandbox", "pace"] => &[("GET", ShowPace), ("PUT", SetPace)],
            ["sandbox", "webhook"] => &[("DELETE", ClearWebhook), ("GET", ShowWebhook), ("PUT", SetWebhook)],
            ["sandbox", "operations", id, "cancel"] => &[("POST", Cancel(id))],
            ["sandbox", "senders"] => &[("POST", StoreSender)],
            ["sandbox", "profiles"] => &[("POST", StoreProfiles)],
            ["sandbox", "cohorts"] => &[("POST", StoreCohort)],
            _ => return Err(Refusal::not_found()),
        };
        acts.iter().find(|(name, _)| *name == method).map(|&(_, route)| route).ok_or_else(|| {
            let names: Vec<&str> = acts.iter().map(|&(name, _)| name).collect();
            Refusal::method_not_allowed(names.join(", "))
        })
    }

    /// Whether the path belongs to the imitated API, which asks for credentials; the test door does not.
    pub fn is_api(path: &str) -> bool {
        path.split('/').nth(1) == Some("v1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: &str, path: &str) -> (u16, Option<String>) {
        let refusal = Route::of(method, path).expect_err(path);
        (refusal.status, refusal.allow)
    }

    #[test]
    fn names_are_told_from_ids() {
        assert_eq!(Route::of("GET", "/v1/Messages/Operations"), Ok(Route::ListOperations));
        assert_eq!(Route::of("GET", "/v1/Messages/Operations/x"), Ok(Route::FetchOperation("x")));
        assert_eq!(Route::of("GET", "/v1/Messages/x"), Ok(Route::FetchMessage("x")));
        assert_eq!(Route::of("POST", "/v1/Senders/Search"), Ok(Route::SearchSenders));
        assert_eq!(Route::of("GET", "/v1/SenderPools/Operations"), Ok(Route::ListPoolOperations));
        assert_eq!(Route::of("DELETE", "/v1/SenderPools/x/Senders/y"), Ok(Route::RemovePoolSender("x", "y")));
    }

    #[test]
    fn a_known_path_with_another_method_says_which_are_allowed() {
        let allowed = |allow: &str| (405, Some(allow.to_owned()));
        assert_eq!(status("PUT", "/v1/Messages"), allowed("GET, POST"));
        assert_eq!(status("POST", "/v1/Messages/Operations"), allowed("GET"));
        assert_eq!(status("POST", "/v1/SenderPools/x"), allowed("DELETE, GET, PATCH"));
        assert_eq!(status("GET", "/sandbox"), allowed("DELETE"));
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
