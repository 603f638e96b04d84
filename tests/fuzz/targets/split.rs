#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| postgate_tests::fuzzing::split(data));
