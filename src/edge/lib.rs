//! The Worker in front of the Communications API.
