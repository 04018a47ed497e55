//! What one file of Rust says outside its tests: its modules, what it defines, imports and names.

use proc_macro2::{Ident, TokenStream, TokenTree};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemMod, ItemUse, Macro, Path, UseTree, Visibility};

/// A path as it is written, from its first name to its last.
pub type Names = Vec<String>;

/// One name, or all of them, taken from elsewhere by a `use`.
#[derive(Debug)]
pub struct Import {
    pub path: Names,
    /// What it is called here; `None` for all that is there.
    pub name: Option<String>,
    /// Do others get it from here?
    pub public: bool,
    pub line: usize,
}

/// One file. What belongs to `#[cfg(test)]` is left out.
#[derive(Debug, Default)]
pub struct Source {
    /// Modules with a file of their own, and where an attribute says that it lies.
    pub modules: Vec<(String, Option<String>)>,
    /// Items, modules within the file among them.
    pub defined: BTreeSet<String>,
    pub imports: Vec<Import>,
    /// Paths of two names or more outside imports, and their lines.
    pub paths: Vec<(Names, usize)>,
    /// Every identifier outside imports.
    pub words: BTreeSet<String>,
    /// How many modules within the file the reader is in.
    depth: usize,
}

impl Source {
    pub fn parse(text: &str) -> syn::Result<Self> {
        let mut source = Self::default();
        source.visit_file(&syn::parse_file(text)?);
        Ok(source)
    }

    /// A path as it is meant where the file is one module: to those within it the file is `super`.
    fn seen_from_file(&self, mut path: Names) -> Names {
        let up = path.iter().take_while(|name| *name == "super").count();
        path.drain(..up.min(self.depth));
        if up > 0 && up <= self.depth || self.depth > 0 && path.is_empty() {
            path.insert(0, "self".into());
        }
        path
    }

    fn name_path(&mut self, names: Names, line: usize) {
        if names.len() > 1 {
            let path = self.seen_from_file(names);
            self.paths.push((path, line));
        }
    }

    fn import(&mut self, tree: &UseTree, mut path: Names, public: bool) {
        let line = tree.span().start().line;
        let (last, name) = match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                return self.import(&inner.tree, path, public);
            }
            UseTree::Group(group) => {
                let trees = group.items.iter();
                return trees.for_each(|tree| self.import(tree, path.clone(), public));
            }
            UseTree::Glob(_) => (None, None),
            UseTree::Name(it) if it.ident == "self" => (None, path.last().cloned()),
            UseTree::Name(it) => (Some(&it.ident), Some(it.ident.to_string())),
            UseTree::Rename(it) if it.ident == "self" => (None, Some(it.rename.to_string())),
            UseTree::Rename(it) => (Some(&it.ident), Some(it.rename.to_string())),
        };
        path.extend(last.map(Ident::to_string));
        let path = self.seen_from_file(path);
        self.imports.push(Import {
            path,
            name,
            public,
            line,
        });
    }

    /// Names within a macro's call, which is not parsed.
    fn scan(&mut self, tokens: TokenStream) {
        let (mut names, mut colons, mut line) = (Names::new(), 0, 0);
        for token in tokens {
            match token {
                TokenTree::Punct(it) if it.as_char() == ':' => colons += 1,
                TokenTree::Ident(it) => {
                    self.words.insert(it.to_string());
                    if colons != 2 {
                        self.name_path(std::mem::take(&mut names), line);
                    } else if names.is_empty() {
                        // `::name` is another crate's, or comes behind a type.
                        names.push(String::new());
                    }
                    line = it.span().start().line;
                    names.push(it.to_string());
                    colons = 0;
                }
                other => {
                    self.name_path(std::mem::take(&mut names), line);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream());
                    }
                }
            }
        }
        self.name_path(names, line);
    }
}

/// Is it there for tests alone?
fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Ok(list) = attribute.meta.require_list() else {
            return false;
        };
        let text = list.tokens.to_string();
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        list.path.is_ident("cfg") && !text.contains("not") && words.any(|word| word == "test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Static(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(it) => Some(&it.ident),
        Item::Enum(it) => Some(&it.ident),
        Item::Fn(it) => Some(&it.sig.ident),
        Item::Macro(it) => it.ident.as_ref(),
        Item::Mod(it) => it.content.as_ref().map(|_| &it.ident),
        Item::Static(it) => Some(&it.ident),
        Item::Struct(it) => Some(&it.ident),
        Item::Trait(it) => Some(&it.ident),
        Item::Type(it) => Some(&it.ident),
        _ => None,
    }
}

impl<'a> Visit<'a> for Source {
    fn visit_item(&mut self, item: &'a Item) {
        if for_tests(attributes(item)) {
            return;
        }
        self.defined.extend(name(item).map(Ident::to_string));
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        match item {
            ImplItem::Fn(it) if for_tests(&it.attrs) => {}
            ImplItem::Const(it) if for_tests(&it.attrs) => {}
            _ => visit::visit_impl_item(self, item),
        }
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        if module.content.is_some() {
            self.depth += 1;
            visit::visit_item_mod(self, module);
            self.depth -= 1;
            return;
        }
        let path = module.attrs.iter().find_map(|attribute| {
            let value = &attribute.meta.require_name_value().ok()?.value;
            let text = quote::ToTokens::to_token_stream(value).to_string();
            attribute
                .path()
                .is_ident("path")
                .then(|| text.replace('"', ""))
        });
        self.modules.push((module.ident.to_string(), path));
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        if item.leading_colon.is_some() {
            return;
        }
        let public = !matches!(item.vis, Visibility::Inherited);
        self.import(&item.tree, Names::new(), public);
    }

    fn visit_path(&mut self, path: &'a Path) {
        let names = path.segments.iter().map(|it| it.ident.to_string());
        if path.leading_colon.is_none() {
            self.name_path(names.collect(), path.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        self.visit_path(&call.path);
        self.scan(call.tokens.clone());
    }

    fn visit_ident(&mut self, word: &'a Ident) {
        self.words.insert(word.to_string());
    }
}
