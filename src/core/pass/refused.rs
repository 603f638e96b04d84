//! Refused rows: those with errors, where the caller chose that the others are sent all the same.
//!
//! Each error is listed with its row and place, up to a limit, and without any of the recipient's data. What the verdict
//! would have said of these rows is kept apart, in case nothing is sent after all.

use crate::finding::code::{Code, Severity};
use crate::finding::findings::Findings;
use crate::finding::issue::Issue;
use crate::limits::REFUSALS;
use crate::recipient::rows::{Full, RowSet};

/// One error of a row that is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The row's place in the request's `to`.
    pub row: u32,
    /// What is wrong.
    pub code: Code,
    /// The JSON Pointer of the value at fault.
    pub at: String,
}

/// The rows that are not sent.
#[derive(Default)]
pub struct Refused {
    /// How many there are.
    pub rows: u64,
    /// Their errors: first, in the order of the rows, those that a row shows by itself, then those that only the rest of
    /// the request makes errors. At most 100,000, and ten of one row.
    pub listed: Vec<Refusal>,
    /// How many errors are not listed.
    pub omitted: u64,
    /// Whether there are more, which only the head makes errors.
    pub(crate) more: bool,
    set: RowSet,
    findings: Findings,
}

/// Most errors of one row that are listed.
const OF_A_ROW: usize = 10;

impl Refused {
    /// Refuses a row for the errors among its issues, whose offsets are into the request.
    pub(crate) fn add(&mut self, row: u32, issues: impl IntoIterator<Item = Issue>) -> Result<(), Full> {
        if !self.has(row) {
            self.set.insert(row as usize)?;
            self.rows += 1;
        }
        let mut listed = 0;
        for issue in issues {
            if issue.severity() == Severity::Error {
                if listed < OF_A_ROW && self.has_room() && self.listed.try_reserve(1).is_ok() {
                    self.listed.push(Refusal { row, code: issue.code, at: issue.at.clone() });
                    listed += 1;
                } else {
                    self.omitted += 1;
                }
            }
            self.findings.add(issue);
        }
        Ok(())
    }

    /// Whether a row is among them.
    pub(crate) fn has(&self, row: u32) -> bool {
        self.set.contains(row as usize)
    }

    /// Whether another error will be listed.
    pub(crate) fn has_room(&self) -> bool {
        self.listed.len() < REFUSALS
    }

    /// What the verdict says of them when the whole request is refused.
    pub(crate) fn take_findings(&mut self) -> Findings {
        std::mem::take(&mut self.findings)
    }
}

#[cfg(all(test, feature = "refusals"))]
#[expect(clippy::panic, clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use crate::{Checked, Duplicates, Envelope, Facts, Fault, Need, Options, Row, SendMessages, Sink, Wants};

    #[derive(Default)]
    struct Written(Vec<(u64, String)>);

    impl Sink for Written {
        fn begin(&mut self, _: &Envelope, _: u64) {}
        fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
            self.0.push((row.index, String::from_utf8_lossy(row.bytes).into_owned()));
            Ok(())
        }
    }

    fn first_pass(request: &str, options: &Options, chunk: usize) -> Need {
        let mut facts = Facts::new(options, Wants::Bodies);
        facts.refuse_rows();
        request.as_bytes().chunks(chunk).for_each(|chunk| facts.push(chunk));
        facts.finish()
    }

    /// What is sent, what is refused, and the verdict.
    fn sent(request: &str, options: &Options, chunk: usize) -> (Vec<u64>, Vec<(u32, String)>, Checked<SendMessages>) {
        let Need::Again(mut bodies) = first_pass(request, options, chunk) else { panic!("the request is refused") };
        let mut written = Written::default();
        request.as_bytes().chunks(chunk).for_each(|chunk| bodies.push(chunk, &mut written));
        let refused = bodies.refused().unwrap();
        let refusals = refused.listed.iter().map(|refusal| (refusal.row, format!("{} {}", refusal.code, refusal.at)));
        let rows: std::collections::BTreeSet<u32> = refused.listed.iter().map(|refusal| refusal.row).collect();
        assert_eq!((refused.rows, refused.omitted), (rows.len() as u64, 0));
        let refusals = refusals.collect();
        (written.0.iter().map(|(index, _)| *index).collect(), refusals, bodies.finish().unwrap())
    }

    fn request(rows: &[&str], head: &str) -> String {
        format!("{{\"to\":[{}],{head}}}", rows.join(" , "))
    }

    const GOOD: &str = r#"{"address":"+14155550100","channel":"PHONE"}"#;
    const OTHER: &str = r#"{"address":"+14155550101","channel":"PHONE"}"#;
    const BAD: &str = r#"{"address":"+0","channel":"PHONE"}"#;
    const WHATSAPP: &str = r#"{"address":"+14155550100","channel":"WHATSAPP"}"#;
    const TEXT: &str = r#""content":{"text":"Hello"}"#;

    #[test]
    fn rows_with_errors_are_left_out_and_listed_whatever_the_chunks() {
        let request = request(&[BAD, GOOD, "7", r#"{"address":"no","channel":"x"}"#, OTHER, BAD], TEXT);
        for chunk in [1, 7, 4_096] {
            let (sent, refusals, checked) = sent(&request, &Options::default(), chunk);
            assert_eq!(sent, [1, 4]);
            let expected = [
                (0, "address/no-calling-code /to/0/address"),
                (2, "request/wrong-type /to/2"),
                (3, "address/not-e164 /to/3/address"),
                (3, "request/not-one-of /to/3/channel"),
                (5, "address/no-calling-code /to/5/address"),
            ];
            assert_eq!(refusals, expected.map(|(row, text)| (row, text.to_owned())));
            assert!(checked.verdict.ok && checked.verdict.issues.is_empty());
        }
    }

    #[test]
    fn rows_that_the_head_makes_wrong_are_all_refused() {
        let mut rows = vec![WHATSAPP; 30];
        rows.extend([GOOD, BAD]);
        let head = format!("{TEXT},\"from\":{{\"address\":\"+15017122661\",\"channel\":\"SMS\"}}");
        let (sent, refusals, checked) = sent(&request(&rows, &head), &Options::default(), 100);
        assert_eq!(sent, [30]);
        assert_eq!(refusals.len(), 31);
        assert_eq!(refusals[0].0, 31, "what a row shows by itself comes first");
        assert!(
            refusals[1..].iter().zip(0..).all(|((row, text), n)| *row == n && text.starts_with("recipient/against"))
        );
        assert!(checked.verdict.ok);
    }

    #[test]
    fn repeats_are_refused_or_stand_in_for_a_refused_row() {
        let refuse = Options { duplicates: Duplicates::Refuse, ..Options::default() };
        let (written, refusals, _) = sent(&request(&[GOOD, GOOD, OTHER, GOOD], TEXT), &refuse, 9);
        assert_eq!(written, [0, 2]);
        assert_eq!(refusals.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [1, 3]);

        let drop = Options { duplicates: Duplicates::Drop, ..Options::default() };
        let long =
            format!(r#"{{"address":"+14155550100","channel":"PHONE","variables":{{"1":"{}"}}}}"#, "x".repeat(1_601));
        let template = r#""content":{"contentId":"HX00000000000000000000000000000000"}"#;
        let (written, refusals, checked) = sent(&request(&[&long, GOOD, GOOD, OTHER], template), &drop, 300);
        assert_eq!(written, [1, 3]);
        assert_eq!(refusals, [(0, "variables/too-long /to/0/variables/1".to_owned())]);
        assert_eq!(checked.verdict.totals.recipients.dropped, 1);
    }

    #[test]
    fn a_row_that_fits_no_batch_is_refused_alone() {
        let mut options = Options::default();
        options.limits.batch.bytes = 200;
        let long =
            format!(r#"{{"address":"+14155550100","channel":"PHONE","variables":{{"1":"{}"}}}}"#, "x".repeat(150));
        assert_eq!(sent(&request(&[&long, OTHER, &long], TEXT), &options, 50).0, [1]);
        let huge = long.replace('x', &"x".repeat(70_000));
        let (sent, refusals, _) = sent(&request(&[&huge, OTHER], TEXT), &Options::default(), 1 << 20);
        assert_eq!((sent, refusals), (vec![1], vec![(0, "recipient/too-large /to/0".to_owned())]));
    }

    #[test]
    fn a_request_of_which_nothing_is_left_says_why() {
        let codes = |checked: &Checked<SendMessages>| -> Vec<String> {
            checked.verdict.issues.iter().map(|issue| format!("{} {}", issue.code, issue.at)).collect()
        };
        let Need::Done(checked) = first_pass(&request(&[BAD], TEXT), &Options::default(), 10) else { panic!("a row") };
        assert_eq!(codes(&checked), ["address/no-calling-code /to/0/address"]);
        let Need::Done(checked) = first_pass(&request(&[BAD, GOOD], r#""tags":7"#), &Options::default(), 10) else {
            panic!("an error of the head")
        };
        assert_eq!(codes(&checked).len(), 3);
        let head = format!("{TEXT},\"from\":{{\"address\":\"+15017122661\",\"channel\":\"SMS\"}}");
        let (sent, _, checked) = sent(&request(&[WHATSAPP], &head), &Options::default(), 10);
        assert_eq!((sent, checked.verdict.ok), (vec![], false));
        assert_eq!(codes(&checked), ["recipient/against-sender /to/0"]);
    }
}
