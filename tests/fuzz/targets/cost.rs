#![no_main]

use std::time::Duration;

use postgate_tests::fuzzing::{costly, time_of};
use rustix::time::{ClockId, clock_gettime};

/// The longest that a rendering may take: 15 µs a step, in a build that checks everything and counts what it reaches.
/// What a step is meant to take is a thousandth of that without.
const LONGEST: Duration = Duration::from_millis(150);

// The thread's own time, so that others have their share of the machine; and what happens once is not the input's.
libfuzzer_sys::fuzz_target!(|data: &[u8]| assert!((0..3).any(|_| time_of(data, clock) <= LONGEST), "{}", costly(data)));

fn clock() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
