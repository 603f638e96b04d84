//! The schedule: when a send goes out.
//!
//! Source: <https://www.twilio.com/docs/bulk-messaging/scheduling>. Only full instants are sampled there, so other
//! expressions pass with a warning.

use crate::code::Code;
use crate::instant::{self, Instant, Written};
use crate::issue::param;
use crate::limits::SCHEDULE_DAYS;
use crate::pointer::Pointer;
use crate::scan::{Kind, Reader, Stop};
use crate::shape::{self, Report, Shape};
use crate::text::Text;

const SHAPE: &Shape = &["sendAt"];

/// When a send goes out, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The one full instant, where `sendAt` is just that.
    pub send_at: Option<Instant>,
}

/// Judges `schedule`.
pub(crate) fn judge(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    report: &mut Report,
    now: Option<Instant>,
) -> Result<Option<Schedule>, Stop> {
    let (_, offset) = reader.peek()?;
    let mut schedule = Schedule::default();
    let seen = shape::object(reader, at, report, SHAPE, &mut |reader, at, report, _| {
        let Some(offset) = shape::expect(reader, at, report, Kind::Array)? else { return Ok(()) };
        let mut count = 0;
        reader.array(&mut |reader, index| {
            count += 1;
            if let Some(text) = shape::text(reader, &Pointer::Index(at, index), report)? {
                schedule.send_at = expression(&text, &Pointer::Index(at, index), report, now);
            }
            Ok(())
        })?;
        if count == 0 {
            report.issue(Code::EmptySchedule, at, offset, vec![]);
        }
        if count > 1 {
            schedule.send_at = None;
        }
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(None) };
    if !seen.has(0) {
        report.issue(Code::EmptySchedule, at, offset, vec![]);
    }
    Ok(Some(schedule))
}

fn expression(text: &Text<'_>, at: &Pointer<'_>, report: &mut Report, now: Option<Instant>) -> Option<Instant> {
    let Some(written) = instant::read(&text.decode()) else {
        report.issue(Code::UnknownExpression, at, text.at, vec![]);
        return None;
    };
    let (Written::Full(instant) | Written::Zoneless(instant)) = written;
    let full = matches!(written, Written::Full(_));
    if !full {
        report.issue(Code::NoZone, at, text.at, vec![]);
    }
    if let Some(now) = now {
        // Without a zone it may be up to 14 hours earlier or 12 hours later in some recipient's.
        let (earliest, latest) = if full { (0, 0) } else { (12 * HOUR, 14 * HOUR) };
        if instant.0 + earliest < now.0 {
            report.issue(Code::InThePast, at, text.at, vec![]);
        } else if instant.0 - latest > now.0 + SCHEDULE_DAYS as i64 * 24 * HOUR {
            report.issue(Code::FarAhead, at, text.at, param("limit", SCHEDULE_DAYS));
        }
    }
    full.then_some(instant)
}

const HOUR: i64 = 3_600_000;
