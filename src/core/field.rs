//! What the judges of fields are written with: what an object may hold, what judging it brings, and the forms that
//! more than one field has: ids, addresses, texts with Liquid. Here is no rule about any one field.

pub(crate) mod address;
pub(crate) mod id;
pub(crate) mod length;
pub(crate) mod report;
pub(crate) mod shape;
pub(crate) mod wording;
