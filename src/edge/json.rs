//! JSON made into records: parsed first, then taken apart record by record.
//!
//! Read straight from the text, every record takes the code that reads numbers, texts and lists once more, and that for
//! records as lists, too: some 6 KB of what is uploaded. Long lists, and what persons write, where a member that stands there
//! twice is an error, are read that way; for all else this is as good.

use serde::de::DeserializeOwned;
use serde_json::Error;

/// Reads a record. Of two members of one name, the second counts.
pub fn read<T: DeserializeOwned>(json: impl AsRef<[u8]>) -> Result<T, Error> {
    serde_json::from_value(serde_json::from_slice(json.as_ref())?)
}
