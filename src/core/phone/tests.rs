//! Facts about single numbers. Agreement with libphonenumber over all regions is `tests/phones.rs`.

use super::*;
