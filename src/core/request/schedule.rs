//! The schedule: when a send goes out.
//!
//! Source: <https://www.twilio.com/docs/bulk-messaging/scheduling>. Only full instants are sampled there, so other
//! expressions pass with a warning.

use crate::field::shape::{Field, Shape};
use crate::finding::code::Code;
use crate::finding::issue::param;
use crate::instant::{self, Instant, Written};
use crate::limits::SCHEDULE_DAYS;
use crate::reader::scan::Stop;

const SHAPE: &Shape = &["sendAt"];

/// When a send goes out, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// The one full instant, where `sendAt` is just that.
    pub send_at: Option<Instant>,
}

/// Judges `schedule`.
pub(crate) fn judge(field: &mut Field<'_, '_>, now: Option<Instant>) -> Result<Option<Schedule>, Stop> {
    let mut schedule = Schedule::default();
    let seen = field.object(SHAPE, &mut |field, _| {
        let count = field.array(&mut |field| {
            if let Some(text) = field.text()? {
                let instant = expression(&text.decode(), field, now);
                if instant.is_some() && schedule.send_at.is_some_and(|earlier| instant != Some(earlier)) {
                    field.found(Code::NoCommonTime);
                }
                schedule.send_at = schedule.send_at.or(instant);
            }
            Ok(())
        })?;
        match count {
            Some(0) => field.found(Code::EmptySchedule),
            Some(2..) => schedule.send_at = None,
            _ => {}
        }
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(None) };
    if !seen.has(0) {
        field.found(Code::EmptySchedule);
    }
    Ok(Some(schedule))
}

fn expression(text: &str, field: &mut Field<'_, '_>, now: Option<Instant>) -> Option<Instant> {
    let Some(written) = instant::read(text) else {
        field.found(Code::UnknownExpression);
        return None;
    };
    let (Written::Full(instant) | Written::Zoneless(instant)) = written;
    let full = matches!(written, Written::Full(_));
    if !full {
        field.found(Code::NoZone);
    }
    if let Some(now) = now {
        // Without a zone it may be up to 14 hours earlier or 12 hours later in some recipient's.
        let (earliest, latest) = if full { (0, 0) } else { (12 * HOUR, 14 * HOUR) };
        if instant.0 + earliest < now.0 {
            field.found(Code::InThePast);
        } else if instant.0 - latest > now.0 + SCHEDULE_DAYS as i64 * 24 * HOUR {
            field.issue(Code::FarAhead, param("limit", SCHEDULE_DAYS));
        }
    }
    full.then_some(instant)
}

const HOUR: i64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, check};

    #[test]
    fn the_instant_is_the_only_one() {
        for (times, expected) in [
            (r#""1970-01-01T00:00:01Z""#, Some(Instant(1_000))),
            (r#""1970-01-01T00:00:01""#, None),
            (r#""tomorrow""#, None),
            (r#""1970-01-01T00:00:01Z","1970-01-01T00:00:02Z""#, None),
            ("", None),
        ] {
            let request = [r#"{"schedule":{"sendAt":["#, times, "]}}"].concat();
            let schedule = check(request.as_bytes(), &Options::default()).value.schedule;
            assert_eq!(schedule, Some(Schedule { send_at: expected }), "{times}");
        }
    }
}
