//! The rest of the API: requests that are passed on to the upstream, and its answers on their way back.
//!
//! Nothing of a caller's request reaches the upstream but what the contract knows: the path made of checked ids, named
//! query parameters written anew, and a body that core has found to be one. No header of the caller's does. A key
//! without the scope `account` sees the messages of its tenant's operations and nothing else; whatever is not its own
//! looks as if it were not there.

use postgate_core::{AccountRequest, Mistake};
use serde::Deserialize;
use worker::{Env, Method, Request, console_error};

use crate::http::body::{self, Body};
use crate::http::fault::Fault;
use crate::http::query;
use crate::http::respond::{self, Manner, Reply};
use crate::id::OperationId;
use crate::json;
use crate::machine::answer;
use crate::object::stage::Stage;
use crate::route::translate::{self, Page, Translation};
use crate::route::{Forward, Guard, Route};
use crate::settings::Settings;
use crate::settings::key::{Key, Scope};
use crate::upstream::{self, Passed};

/// Largest body that is taken here: a pool of 10,000 senders has some 600 KB.
const BODY_BYTES: u64 = 1_000_000;

/// One request that is passed on.
struct Call<'a> {
    env: &'a Env,
    settings: &'a Settings,
    key: &'a Key,
    translation: Translation<'a>,
}

/// Passes a request on.
pub async fn forward(
    forward: &Forward,
    route: &Route<'_>,
    request: &Request,
    (env, settings, key): (&Env, &Settings, &Key),
    manner: &Manner,
) -> Result<Reply, Fault> {
    let query = query::only(&request.inner().url(), forward.parameters)?;
    if !route.ids.iter().all(|id| answer::is_id(id)) {
        return Err(Fault::NotFound);
    }
    let body = match forward.body {
        None => None,
        Some(shape) => match read(request, shape).await? {
            Ok(body) => Some(body),
            Err(mistake) => return Ok(respond::mistake(&mistake, manner)),
        },
    };
    let translation = Translation { upstream: &settings.upstream, origin: &manner.origin };
    let call = Call { env, settings, key, translation };
    match forward.guard {
        Guard::Account => {
            // Of the table, not of the request: a HEAD is a GET whose body is left out.
            let method = Method::from(route.row.method.to_owned());
            let path = route.path_behind("/v1");
            let passed = call.pass(method, &path, &query, body.as_ref().map(Body::bytes)).await?;
            call.reply(passed, None)
        }
        Guard::Messages => call.messages(&query).await,
        Guard::Message => call.message(route.id()).await,
        Guard::Seek => call.seek(route.id()).await,
    }
}

/// An operation that is not one of this edge's: made before it stood there, or by another program.
pub async fn foreign_operation(
    id: &str,
    (env, settings, key): (&Env, &Settings, &Key),
    manner: &Manner,
) -> Result<Reply, Fault> {
    if !key.may(Scope::Account) || !answer::is_id(id) {
        return Err(Fault::NotFound);
    }
    let translation = Translation { upstream: &settings.upstream, origin: &manner.origin };
    let call = Call { env, settings, key, translation };
    call.reply(call.pass(Method::Get, &format!("/Messages/Operations/{id}"), &[], None).await?, None)
}

/// Where in a list of an operation's messages a page begins.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    /// The upstream's operation.
    operation: &'a str,
    /// The upstream's token of the page; empty for its first.
    token: &'a str,
}

impl<'a> Place<'a> {
    fn of(token: &'a str) -> Option<Self> {
        token.split_once('.').map(|(operation, token)| Self { operation, token })
    }

    fn token(&self) -> String {
        format!("{}.{}", self.operation, self.token)
    }
}

impl Call<'_> {
    async fn messages(&self, query: &[(&'static str, String)]) -> Result<Reply, Fault> {
        let value = |name: &str| query.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str());
        let Some(operation) = value("operationId") else {
            if !self.key.may(Scope::Account) {
                let sentence = "The parameter operationId is needed: this key reads the messages of one operation.";
                return Err(Fault::BadParameter(sentence.to_owned()));
            }
            return self.reply(self.pass(Method::Get, "/Messages", query, None).await?, None);
        };
        let Some(batches) = self.batches(operation).await? else {
            // Perhaps one of the upstream's own, of which only the account may know.
            if !self.key.may(Scope::Account) {
                return Err(Fault::NotFound);
            }
            return self.reply(self.pass(Method::Get, "/Messages", query, None).await?, None);
        };
        let given = value("pageToken");
        let place = match given {
            None => batches.first().map(|operation| Place { operation, token: "" }),
            Some(token) => {
                let place = Place::of(token).filter(|place| batches.iter().any(|batch| batch == place.operation));
                Some(place.ok_or_else(|| {
                    Fault::BadParameter("The parameter pageToken must be one of this list's own.".to_owned())
                })?)
            }
        };
        let Some(place) = place else {
            // Nothing of it has reached the upstream.
            return Ok(Reply::json(200, r#"{"messages":[],"pagination":{"next":null,"self":null}}"#));
        };
        let mut passed_on: Vec<(&'static str, String)> = query
            .iter()
            .filter(|(name, _)| !matches!(*name, "operationId" | "pageToken"))
            .cloned()
            .chain([("operationId", place.operation.to_owned())])
            .collect();
        if !place.token.is_empty() {
            passed_on.push(("pageToken", place.token.to_owned()));
        }
        let mut passed = self.pass(Method::Get, "/Messages", &passed_on, None).await?;
        let next = passed.text().and_then(translate::next_token);
        if !self.key.may(Scope::Account) && passed.status == 200 {
            let own = passed.text().and_then(|page| translate::only_of(page, operation, place.operation));
            passed.body = own.ok_or(Fault::BadAnswer)?.into_bytes();
        }
        let behind = || batches.iter().skip_while(|batch| *batch != place.operation).nth(1);
        let next = match &next {
            Some(token) => Some(Place { operation: place.operation, token }.token()),
            None => behind().map(|operation| Place { operation, token: "" }.token()),
        };
        self.reply(passed, Some(&Page { this: given.map(str::to_owned), next }))
    }

    async fn message(&self, id: &str) -> Result<Reply, Fault> {
        let passed = self.pass(Method::Get, &format!("/Messages/{id}"), &[], None).await?;
        self.must_own(&passed).await?;
        self.reply(passed, None)
    }

    async fn seek(&self, sid: &str) -> Result<Reply, Fault> {
        let passed = self.pass(Method::Get, &format!("/Messages/Seek/{sid}"), &[], None).await?;
        if !self.key.may(Scope::Account) {
            let id = passed.location.as_deref().and_then(|location| location.rsplit('/').next());
            let id = id.filter(|id| passed.status == 301 && answer::is_id(id)).ok_or(Fault::NotFound)?;
            let message = self.pass(Method::Get, &format!("/Messages/{id}"), &[], None).await?;
            self.must_own(&message).await?;
        }
        self.reply(passed, None)
    }

    /// Refuses a key without the scope `account` what is no message of its tenant's, the upstream's own refusals
    /// included: they would tell what there is.
    async fn must_own(&self, message: &Passed) -> Result<(), Fault> {
        if self.key.may(Scope::Account) {
            return Ok(());
        }
        let operation = message.text().filter(|_| message.status == 200).and_then(translate::operation_of);
        match operation {
            Some(operation) if self.batches(operation.as_str()).await?.is_some() => Ok(()),
            _ => Err(Fault::NotFound),
        }
    }

    /// The upstream's operations of one of the tenant's own; `None` if it has none of that id.
    async fn batches(&self, operation: &str) -> Result<Option<Vec<String>>, Fault> {
        #[derive(Deserialize)]
        struct Shown {
            postgate: Batches,
        }
        #[derive(Deserialize)]
        struct Batches {
            operations: Vec<String>,
        }
        let Some(id) = OperationId::parse(operation) else { return Ok(None) };
        let shown = match Stage::new(self.env, self.settings, &id) {
            Ok(stage) => stage.show(&id, &self.key.tenant).await,
            Err(error) => Err(error),
        };
        let shown = shown.map_err(|error| {
            console_error!("{}", serde_json::json!({ "event": "operation unreadable", "error": error.to_string() }));
            Fault::Internal
        })?;
        let shown = shown.map(json::read::<Shown>).transpose().map_err(|_| Fault::Internal)?;
        Ok(shown.map(|shown| shown.postgate.operations))
    }

    async fn pass(
        &self,
        method: Method,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<&[u8]>,
    ) -> Result<Passed, Fault> {
        upstream::pass(self.settings, method, &format!("{path}{}", query::written(query)), body).await
    }

    /// The upstream's answer as ours. A refusal keeps every byte; a success says nothing of the upstream's own URLs.
    fn reply(&self, passed: Passed, page: Option<&Page>) -> Result<Reply, Fault> {
        let url = |field: &Option<String>| field.as_deref().and_then(|url| self.translation.url(url));
        let mut reply = Reply::empty(passed.status);
        match passed.status {
            // Our credentials are not the caller's.
            401 => return Err(Fault::UpstreamCredentials),
            301 => {
                let location = url(&passed.location).ok_or(Fault::BadAnswer)?;
                return Ok(reply.with("location", location));
            }
            200..=299 => {
                let (operation, resource) = (url(&passed.operation_location), url(&passed.resource_location));
                let fields = [
                    ("operationId", passed.operation.clone()),
                    ("operation-id", passed.operation.clone()),
                    ("operation-location", operation),
                    ("resource-location", resource),
                ];
                reply = reply.with_all(fields.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))));
                if passed.body.is_empty() {
                    return Ok(reply);
                }
                let json = passed.text().and_then(|text| self.translation.answer(text, page));
                return Ok(reply.with("content-type", "application/json").with_body(json.ok_or(Fault::BadAnswer)?));
            }
            400..=599 => {}
            _ => return Err(Fault::BadAnswer),
        }
        let fields = [("content-type", passed.content_type), ("retry-after", passed.retry_after)];
        let fields = fields.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        Ok(reply.with_all(fields).with("refused-by", "upstream").with_body(passed.body))
    }
}

async fn read(request: &Request, shape: AccountRequest) -> Result<Result<Body, Mistake>, Fault> {
    let body = body::json(request, BODY_BYTES).await?;
    Ok(shape.check(body.bytes()).map(|()| body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_from_its_token() {
        for (operation, token) in [("comms_operation_1", ""), ("x", "a.b.c"), ("x", "{}")] {
            let place = Place { operation, token };
            assert_eq!(Place::of(&place.token()), Some(place));
        }
        assert_eq!(Place::of("none"), None);
    }
}
