//! An XML document within limits, and its elements by their names.
//!
//! Called by [`super`] and [`super::part`]. Pure; any thread.

use roxmltree::{Document, Node, ParsingOptions};

/// No score has more elements.
const MOST_NODES: u32 = 8 << 20;

/// The document. The parser goes through it without recursion, and limits what entities unfold to.
pub fn parse(text: &str) -> Result<Document<'_>, String> {
    let options = ParsingOptions {
        allow_dtd: true,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| error.to_string())
}

pub fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

pub fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

pub fn words<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim)
}

pub fn number(node: Node, name: &str) -> Option<i64> {
    let text = words(node, name)?;
    // Some programs write whole numbers as 4.0.
    text.parse().ok().or_else(|| {
        let value: f64 = text.parse().ok()?;
        (value.is_finite() && value.abs() < 1e12).then_some(value.round() as i64)
    })
}
