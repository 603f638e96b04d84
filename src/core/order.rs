//! Sorting in little code, for lists that are seldom needed: std's sorts are faster, but several kilobytes for each type.

/// Sorts by heap: in place, n log n whatever the order. Equal items may change places.
pub(crate) fn sort<T>(items: &mut [T], before: &dyn Fn(&T, &T) -> bool) {
    let length = items.len();
    // First each item, from the middle to the front, sinks to its place in the heap; then the first one is taken out.
    for step in (0..length + length / 2).rev() {
        let (mut at, end) = if step >= length {
            (step - length, length)
        } else {
            items.swap(0, step);
            (0, step)
        };
        loop {
            let mut child = 2 * at + 1;
            if child + 1 < end && before(&items[child], &items[child + 1]) {
                child += 1;
            }
            if child >= end || !before(&items[at], &items[child]) {
                break;
            }
            items.swap(at, child);
            at = child;
        }
    }
}

/// The places of `count` items in their order, for items that stay where they are.
pub(crate) fn places(count: usize, before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut places = Vec::new();
    for place in 0..count {
        places.push(place);
    }
    sort(&mut places, &|a, b| before(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_order_it_is_sorted() {
        let mut seed = 1_u32;
        for length in 0..200 {
            let mut items: Vec<u32> = (0..length)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    seed >> 24
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            sort(&mut items, &|a, b| a < b);
            assert_eq!(items, expected);
            sort(&mut items, &|a, b| a > b);
            expected.reverse();
            assert_eq!(items, expected);
        }
    }
}
