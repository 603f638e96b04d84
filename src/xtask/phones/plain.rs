//! The plans as JSON: what core unpacks, for JavaScript that is measured against it.

use std::collections::HashMap;
use std::fmt::Write;

use super::diagram::Target;
use super::table::Table;

/// A target from here on is a node, and 0 is nothing; between them are answers.
const NODES: usize = 256;

/// `{ numbers, lengths, roots, kinds, nodes }`: calling codes, the lengths of their national numbers as masks, the
/// roots of all lengths of all codes, the type of each answer, and ten targets a node.
pub fn json(table: &Table) -> String {
    let mut answers = HashMap::new();
    let mut kinds = Vec::new();
    let mut value = |target: &Target| match target {
        Target::Nothing => 0,
        Target::Node(id) => NODES + *id as usize,
        Target::Assigned { number_type, .. } => *answers.entry(*target).or_insert_with(|| {
            kinds.push(usize::from(*number_type));
            kinds.len()
        }),
    };
    let roots = table.codes.lengths.iter().map(|lengths| lengths.count_ones() as usize).sum();
    let roots: Vec<usize> = table.roots.iter().take(roots).map(&mut value).collect();
    let nodes: Vec<usize> = table.diagrams.nodes.iter().flatten().map(&mut value).collect();
    let wide = |column: &[u16]| column.iter().map(|number| usize::from(*number)).collect::<Vec<_>>();
    let columns = [
        ("numbers", wide(&table.codes.numbers)),
        ("lengths", wide(&table.codes.lengths)),
        ("roots", roots),
        ("kinds", kinds),
        ("nodes", nodes),
    ];
    let mut json = String::from("{");
    for (name, column) in columns {
        let comma = if json.len() > 1 { ",\n" } else { "" };
        // Numbers print in Rust as in JSON. Writing to a string does not fail.
        let _ = write!(json, "{comma}\"{name}\":{column:?}");
    }
    json + "}\n"
}
