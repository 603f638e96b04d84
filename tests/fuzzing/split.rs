//! Normalizing and splitting: nothing is lost, nothing is written twice.

use postgate_core::{Envelope, Facts, Limits, Need, Options, Severity, Wants, normalize};
use serde_json::Value;

use super::{options, shown};

/// Batches are within their limits, joined they are the normalized request, and each of them is what it becomes when
/// it is split itself. Normalizing twice is normalizing once.
///
/// # Panics
///
/// When it is not so.
pub fn split(data: &[u8]) {
    let options = options(data);
    let told = shown(data);
    let split = postgate_core::split(data, &options);
    let normalized = normalize(data, &options);
    assert_eq!(split.verdict.to_json(), normalized.verdict.to_json(), "{told}");
    assert_eq!(split.verdict.ok, !split.value.is_empty(), "{told}");
    assert_eq!(split.verdict.ok, normalized.value.is_some(), "{told}");
    let Some(whole) = normalized.value else { return };
    is_settled(&whole, &options, &told);

    let totals = &split.verdict.totals;
    assert_eq!(split.value.len(), totals.batches.len(), "{told}");
    let Some(Envelope { before, after }) = envelope(data, &options) else { panic!("no bodies: {told}") };
    let mut rows = Vec::new();
    for (batch, total) in split.value.iter().zip(&totals.batches) {
        assert_eq!(batch.len() as u64, total.bytes, "{told}");
        assert!(total.bytes <= options.limits.batch.bytes && total.rows <= options.limits.batch.rows, "{told}");
        let body: Value = serde_json::from_slice(batch).unwrap_or_default();
        // Where serde_json cannot make values of a batch, it was compared by its bytes only.
        if let Some(to) = body["to"].as_array() {
            assert_eq!(to.len(), total.rows as usize, "{told}");
        }
        assert!(batch.starts_with(&before) && batch.ends_with(&after), "{told}");
        rows.push(&batch[before.len()..batch.len() - after.len()]);
        is_its_own_batch(batch, &options, &told);
    }
    assert_eq!([before, rows.join(&b","[..]), after].concat(), whole, "{told}");
    let recipients = totals.recipients;
    let kept = recipients.listed + recipients.groups - recipients.dropped;
    assert_eq!(totals.batches.iter().map(|batch| u64::from(batch.rows)).sum::<u64>(), kept, "{told}");
}

/// Nothing is left to be normalized, whatever the region.
fn is_settled(body: &[u8], options: &Options, told: &str) {
    let twice = normalize(body, &Options { default_region: None, ..options.clone() });
    assert_eq!(twice.value.as_deref(), Some(body), "{told}");
    assert!(twice.verdict.issues.iter().all(|issue| issue.severity() != Severity::Note), "{told}");
}

/// A batch is a request that becomes one batch: itself.
fn is_its_own_batch(batch: &[u8], options: &Options, told: &str) {
    for limits in [options.limits, Limits::request()] {
        let again = postgate_core::split(batch, &Options { limits, default_region: None, ..options.clone() });
        assert_eq!(again.value, [batch], "{told}");
    }
}

/// What all bodies have in front of their rows and behind them.
fn envelope(data: &[u8], options: &Options) -> Option<Envelope> {
    let mut facts = Facts::new(options, Wants::Bodies);
    facts.push(data);
    match facts.finish() {
        Need::Again(bodies) => Some(bodies.envelope().clone()),
        Need::Done(_) => None,
    }
}
