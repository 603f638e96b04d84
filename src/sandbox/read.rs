//! The reading half of the API: operations and messages.

use serde_json::Value;
use worker::Result;

use crate::ids;
use crate::layout::Layout;
use crate::listing::{Listing, Place};
use crate::message::Message;
use crate::operation::Operation;
use crate::personal;
use crate::plan::Plan;
use crate::problem::{INVALID, Problem, Refusal};
use crate::recipient::Span;
use crate::respond::Failure;
use crate::sid::Attempt;
use crate::store::Store;

/// `GET /v1/Messages/Operations/{id}`
pub fn operation(store: &Store, id: &str, now: i64) -> Result<Value, Failure> {
    let operation = store.operation(id, now)?.ok_or_else(Refusal::not_found)?;
    Ok(operation.resource(&store.stats(&operation, now)?, now))
}

/// `GET /v1/Messages/Operations`
pub fn operations(store: &Store, listing: &Listing, now: i64) -> Result<Value, Failure> {
    let listing = &Listing { operation_id: None, ..listing.clone() };
    let mut found = store.operations(listing, now)?.into_iter().filter(|operation| {
        let status = listing.status.as_ref();
        status.is_none_or(|status| *status == operation.status(now))
    });
    let items = found.by_ref().take(listing.size as usize);
    let items = items.map(|operation| Ok(operation.resource(&store.stats(&operation, now)?, now)));
    let items = items.collect::<Result<Vec<Value>>>()?;
    let next = found.next().map(|operation| Place { n: operation.n, row: 0 });
    Ok(listing.page("operations", items, next))
}

/// `POST /sandbox/operations/{id}/cancel`: what the real API is said to do by a request that nobody has documented.
pub fn cancel(store: &Store, id: &str, now: i64) -> Result<Value, Failure> {
    let found = store.operation(id, now)?.ok_or_else(Refusal::not_found)?;
    store.cancel(&found, now)?;
    operation(store, id, now)
}

/// `GET /v1/Messages/{id}`
pub fn message(store: &Store, id: &str, origin: &str, now: i64) -> Result<Value, Failure> {
    let (operation_id, index) = ids::of_message(id).ok_or_else(Refusal::not_found)?;
    let operation = store.operation(&operation_id, now)?.ok_or_else(Refusal::not_found)?;
    let request = Request::of(store, &operation, origin, now)?;
    let mut resource = None;
    request.messages(&[index], |message| {
        resource = Some(message.resource(personal::content(&request.content, &message.recipient)));
    })?;
    Ok(resource.ok_or_else(Refusal::not_found)?)
}

/// `GET /v1/Messages/Seek/{sid}`: the id of the message that an attempt belongs to.
pub fn seek(store: &Store, sid: &str, origin: &str, now: i64) -> Result<String, Failure> {
    let Some(attempt) = Attempt::of(sid) else {
        let message = "An identifier is SM or MM and 32 hexadecimal digits.";
        return Err(Refusal::invalid(vec![Problem::at("identifier", INVALID, message)]).into());
    };
    let operation = store.operation_at(attempt.n, now)?.ok_or_else(Refusal::not_found)?;
    let request = Request::of(store, &operation, origin, now)?;
    let mut id = None;
    request.messages(&[attempt.index], |message| {
        let begun = attempt.attempt < message.begun();
        id = (begun && message.sid(attempt.attempt).eq_ignore_ascii_case(sid)).then(|| message.id());
    })?;
    Ok(id.ok_or_else(Refusal::not_found)?)
}

/// `GET /v1/Messages`
pub fn messages(store: &Store, listing: &Listing, origin: &str, now: i64) -> Result<Value, Failure> {
    let mut items: Vec<Value> = Vec::new();
    let mut next = None;
    // Nothing here belongs to a session.
    let operations = if listing.session { Vec::new() } else { store.operations(listing, now)? };
    for operation in operations {
        if !listing.tags_match(&operation.tags) {
            continue;
        }
        let request = Request::of(store, &operation, origin, now)?;
        let first = if operation.n == listing.from.n { listing.from.row } else { 0 };
        let room = listing.size as usize - items.len();
        let mut page = request.listed(listing, first, room + 1)?;
        // The one too many is where the next page starts.
        if page.len() > room {
            next = page.pop().map(|row| Place { n: operation.n, row });
        }
        request.messages(&page, |message| items.push(message.metadata()))?;
        if next.is_some() {
            break;
        }
    }
    Ok(listing.page("messages", items, next))
}

/// An accepted request, read back to write its messages.
pub struct Request<'a> {
    store: &'a Store,
    operation: &'a Operation,
    layout: Layout,
    from: Value,
    /// The request's `content`.
    pub content: Value,
    origin: &'a str,
    now: i64,
}

impl<'a> Request<'a> {
    /// The request of an operation.
    pub fn of(store: &'a Store, operation: &'a Operation, origin: &'a str, now: i64) -> Result<Self> {
        let layout = store.layout(operation.n)?;
        let part = |span: Span| -> Result<Value> { Ok(serde_json::from_slice(&store.body(operation.n, span)?)?) };
        let (content, from) = (part(layout.content)?, layout.from.map(part).transpose()?.unwrap_or_default());
        Ok(Self { store, operation, layout, from, content, origin, now })
    }

    /// Indexes of messages that a listing asks for, from `first` on and at most `most`.
    fn listed(&self, listing: &Listing, first: u32, most: usize) -> Result<Vec<u32>> {
        let plan = Plan::of(self.operation, &self.layout);
        let mut listed = Vec::new();
        let asks = listing.channel.is_some() || listing.status.is_some() || listing.profile.is_some();
        for index in first..self.layout.total() {
            if listed.len() == most {
                break;
            }
            if !asks || self.is_listed(listing, &plan, index)? {
                listed.push(index);
            }
        }
        Ok(listed)
    }

    fn is_listed(&self, listing: &Listing, plan: &Plan<'_>, index: u32) -> Result<bool> {
        let Some(place) = plan.place(index) else { return Ok(false) };
        let standing = plan.standing(&place, self.now);
        if listing.status.as_ref().is_some_and(|status| status != standing.status.as_str()) {
            return Ok(false);
        }
        if let Some(channel) = &listing.channel {
            let course = self.layout.courses.get(usize::from(place.row.course));
            let tried = course.and_then(|course| {
                let begun = course.attempts(standing.elapsed);
                begun.last().map(|&(attempt, ..)| attempt).or(course.tries.first().copied())
            });
            let sender = tried.map_or(0, |attempt| usize::from(attempt.sender));
            if self.layout.senders.get(sender).is_none_or(|sender| sender.channel.as_str() != channel) {
                return Ok(false);
            }
        }
        let Some(profile) = &listing.profile else { return Ok(true) };
        let bytes = self.store.body(self.operation.n, place.row.span)?;
        let recipient: Value = serde_json::from_slice(&bytes)?;
        Ok(recipient["profileId"] == **profile)
    }

    /// Where its parts lie.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Hands the messages at some indexes, as they stand now, to `each`; there need not be any.
    pub fn messages(&self, indexes: &[u32], each: impl FnMut(&Message<'_>)) -> Result<()> {
        let now: Vec<(u32, i64)> = indexes.iter().map(|&index| (index, self.now)).collect();
        self.at(&now, each)
    }

    /// Hands messages, each as it stood at a moment, to `each`.
    pub fn at(&self, moments: &[(u32, i64)], mut each: impl FnMut(&Message<'_>)) -> Result<()> {
        let plan = Plan::of(self.operation, &self.layout);
        let places: Vec<_> = moments.iter().filter_map(|&(index, at)| Some((index, at, plan.place(index)?))).collect();
        let spans = || places.iter().map(|(_, _, place)| place.row.span);
        let (Some(start), Some(end)) = (spans().map(|span| span.start).min(), spans().map(Span::end).max()) else {
            return Ok(());
        };
        // One read for the whole page: a read for each row would cost a call into the database each.
        let bytes = self.store.body(self.operation.n, Span { start, length: end - start })?;
        let media = has_media(&self.content);
        for (index, at, place) in places {
            let span = place.row.span;
            let part = bytes.get((span.start - start) as usize..(span.end() - start) as usize).unwrap_or_default();
            each(&Message {
                operation: self.operation,
                layout: &self.layout,
                index,
                standing: plan.standing(&place, at),
                place,
                recipient: serde_json::from_slice(part)?,
                from: &self.from,
                media,
                origin: self.origin,
            });
        }
        Ok(())
    }
}

/// Whether a message with this content is an MMS, where it goes over a phone's own channel.
pub fn has_media(content: &Value) -> bool {
    content["media"].as_array().is_some_and(|media| !media.is_empty())
}
