//! The reading half of the API: operations and messages.

use serde_json::Value;
use worker::Result;

use crate::ids;
use crate::listing::{Listing, Place};
use crate::message::Message;
use crate::operation::{Fate, Operation};
use crate::problem::Refusal;
use crate::recipient::{Layout, Row, Span};
use crate::respond::Failure;
use crate::store::Store;

/// `GET /v1/Messages/Operations/{id}`
pub fn operation(store: &Store, id: &str, now: i64) -> Result<Value, Failure> {
    let operation = store.operation(id, now)?.ok_or_else(Refusal::not_found)?;
    Ok(operation.resource())
}

/// `GET /v1/Messages/Operations`
pub fn operations(store: &Store, listing: &Listing, now: i64) -> Result<Value, Failure> {
    let listing = &Listing { operation_id: None, ..listing.clone() };
    let mut found = store.operations(listing, now)?.into_iter().filter(|operation| {
        let status = listing.status.as_ref();
        status.is_none_or(|status| *status == operation.status)
    });
    let items = found.by_ref().take(listing.size as usize);
    let items = items.map(|operation| operation.resource()).collect();
    let next = found.next().map(|operation| Place { n: operation.n, row: 0 });
    Ok(listing.page("operations", items, next))
}

/// `GET /v1/Messages/{id}`
pub fn message(store: &Store, id: &str, origin: &str, now: i64) -> Result<Value, Failure> {
    let (operation_id, index) = ids::of_message(id).ok_or_else(Refusal::not_found)?;
    let operation = store.operation(&operation_id, now)?.ok_or_else(Refusal::not_found)?;
    let layout = store.layout(operation.n)?;
    if layout.rows.get(index as usize).is_none() {
        return Err(Refusal::not_found().into());
    }
    let content = part(store, operation.n, layout.content)?;
    let mut resource = Value::Null;
    write(store, &operation, &layout, &[index], origin, |message| {
        resource = message.resource(content.clone());
    })?;
    Ok(resource)
}

/// `GET /v1/Messages`
pub fn messages(store: &Store, listing: &Listing, origin: &str, now: i64) -> Result<Value, Failure> {
    let mut items = Vec::new();
    let mut next = None;
    for operation in store.operations(listing, now)? {
        if !listing.tags_match(&operation.tags) {
            continue;
        }
        let layout = store.layout(operation.n)?;
        let first = if operation.n == listing.from.n { listing.from.row } else { 0 };
        let room = listing.size as usize - items.len();
        let mut page: Vec<u32> = (0..)
            .zip(&layout.rows)
            .skip(first as usize)
            .filter(|&(index, row)| is_listed(listing, &operation, &layout, index, row))
            .map(|(index, _)| index)
            .take(room + 1)
            .collect();
        // The one too many is where the next page starts.
        if page.len() > room {
            next = page.pop().map(|row| Place { n: operation.n, row });
        }
        write(store, &operation, &layout, &page, origin, |message| items.push(message.metadata()))?;
        if next.is_some() {
            break;
        }
    }
    Ok(listing.page("messages", items, next))
}

fn is_listed(listing: &Listing, operation: &Operation, layout: &Layout, index: u32, row: &Row) -> bool {
    let fate = Fate::at(operation.step, index, layout.rows.len() as u32, row.reach);
    listing.channel.is_none_or(|channel| channel == row.channel)
        && listing.status.as_ref().is_none_or(|status| status == fate.as_str())
}

/// Hands the messages of some rows of an operation, in ascending order, to `each`.
fn write(
    store: &Store,
    operation: &Operation,
    layout: &Layout,
    indexes: &[u32],
    origin: &str,
    mut each: impl FnMut(&Message<'_>),
) -> Result<()> {
    let row = |index: u32| layout.rows[index as usize];
    let (Some(&first), Some(&last)) = (indexes.first(), indexes.last()) else {
        return Ok(());
    };
    let from = match layout.from {
        Some(from) => part(store, operation.n, from)?,
        None => Value::Null,
    };
    // One read for the whole page: a read for each row would cost a call into the database each.
    let start = row(first).span.start;
    let length = row(last).span.end() - start;
    let bytes = store.body(operation.n, Span { start, length })?;
    for &index in indexes {
        let row = row(index);
        let place = (row.span.start - start) as usize..(row.span.end() - start) as usize;
        each(&Message {
            operation,
            total: layout.rows.len() as u32,
            index,
            row,
            recipient: serde_json::from_slice(&bytes[place])?,
            from: &from,
            origin,
        });
    }
    Ok(())
}

fn part(store: &Store, n: u32, span: Span) -> Result<Value> {
    Ok(serde_json::from_slice(&store.body(n, span)?)?)
}
