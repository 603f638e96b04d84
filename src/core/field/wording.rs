//! Wordings: the texts of a head that hold Liquid, each as it was judged by itself.

use crate::channel::Channels;
use crate::field::length::Longest;
use crate::template::Template;

/// What a text with Liquid is in its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// What is read: the text over all channels, or that of a module.
    Text,
    /// Something beside or inside of it: a medium's address, a card's title.
    Detail,
    /// A tag's value, which nobody reads.
    Tag,
}

/// A text with Liquid that can be rendered.
pub(crate) struct Wording {
    pub part: Part,
    /// The channels whose message it belongs to.
    pub channels: Channels,
    /// None for the text that all channels share, which depends on them.
    pub longest: Option<Longest>,
    pub template: Template,
    /// The numbers of its names among those of all wordings, by their numbers in the template.
    pub names: Vec<u32>,
}
