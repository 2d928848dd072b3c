//! Compares a config with its shape and gathers every mistake, not only the first.
//!
//! Knows no key and no stage by name: all it says comes from the schema.

use std::ops::Range as Span;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::path::Path;
use super::places::{Mistake, Text};
use super::shape::{Field, Others, Range, Shape};
use super::{cure, phrasing};
use crate::stage::known_elsewhere;

/// All mistakes of `root`, in no order.
pub(super) fn validate(root: &Spanned<DeValue<'_>>, shape: &Shape, text: &Text) -> Vec<Mistake> {
    let mut validator = Validator { text, top: shape, mistakes: Vec::new() };
    validator.value(root, shape, "", &Path::default());
    validator.mistakes
}

type Entry<'a, 'i> = (&'a Spanned<DeString<'i>>, &'a Spanned<DeValue<'i>>);

struct Validator<'a> {
    text: &'a Text,
    top: &'a Shape,
    mistakes: Vec<Mistake>,
}

impl Validator<'_> {
    /// `about` is the documentation that says what the value may be, for hints.
    fn value(&mut self, value: &Spanned<DeValue<'_>>, shape: &Shape, about: &str, path: &Path) {
        let span = value.span();
        match (shape, value.get_ref()) {
            (Shape::Anything, _) | (Shape::Boolean, DeValue::Boolean(_)) => {}
            (Shape::Table { .. }, DeValue::Table(table)) => self.table(table, span, shape, path),
            (Shape::Tagged(tags), DeValue::Table(table)) => self.tagged(table, span, tags, path),
            (Shape::List { items, least, most }, DeValue::Array(list)) => {
                if let Some(wrong) = phrasing::miscounted(list.len(), *least, *most, "item") {
                    self.mistake(span, path, format!("{} {wrong}", path.subject()), phrasing::as_hint(about));
                }
                for (index, item) in list.iter().enumerate() {
                    self.value(item, items, about, &path.index(index));
                }
            }
            (Shape::Choice(choices), DeValue::String(text)) => self.choice(text, span, choices, path),
            (Shape::Text { .. }, DeValue::String(text)) => self.text(text, span, shape, about, path),
            (Shape::Integer(range), DeValue::Integer(number)) => {
                let number = i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX);
                self.number(number as f64, *range, value, path);
            }
            (Shape::Number(range), DeValue::Integer(number)) => {
                let number = i128::from_str_radix(number.as_str(), number.radix()).unwrap_or(i128::MAX);
                self.number(number as f64, *range, value, path);
            }
            (Shape::Number(range), DeValue::Float(number)) => {
                self.number(number.as_str().parse().unwrap_or(f64::NAN), *range, value, path);
            }
            (Shape::Either(shapes), _) => self.either(value, shapes, shape, about, path),
            _ => self.wrong_kind(value, shape, about, path),
        }
    }

    fn table(&mut self, table: &DeTable<'_>, span: Span<usize>, shape: &Shape, path: &Path) {
        let Shape::Table { fields, others, least } = shape else { return };
        let mut meant = Vec::new();
        for (key, value) in table {
            let field = fields.iter().find(|field| field.name == **key.get_ref());
            match (field, others) {
                (Some(field), _) => self.value(value, &field.shape, field.constraint(), &path.key(&field.name)),
                (None, Some(others)) => self.other(key, value, others, fields, path),
                (None, None) => {
                    let absent = fields.iter().map(|field| field.name.as_str());
                    let absent = absent.filter(|name| !table.contains_key(*name) && !meant.contains(name));
                    meant.extend(phrasing::nearest(key.get_ref(), absent));
                    let hint = cure::unknown_key(key.get_ref(), fields, self.top, path);
                    let message = format!("unknown key `{}` {}", key.get_ref(), path.inside());
                    self.mistake(key.span(), &path.key(key.get_ref()), message, Some(hint));
                }
            }
        }
        if let Some(wrong) = phrasing::miscounted(table.len(), *least, usize::MAX, "key") {
            let hint = others.as_ref().and_then(|others| phrasing::as_hint(&others.about));
            self.mistake(span.clone(), path, format!("{} {wrong}", path.subject()), hint);
        }
        let missing = |field: &&Field| field.required && !table.contains_key(field.name.as_str());
        // A key that was only misspelt is not missing too.
        for field in fields.iter().filter(missing).filter(|field| !meant.contains(&field.name.as_str())) {
            self.missing(field, span.clone(), path);
        }
    }

    /// A key that the table does not know, where such keys are allowed. What is wrong under it may be a misspelt field.
    fn other(
        &mut self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        others: &Others,
        fields: &[Field],
        path: &Path,
    ) {
        let (name, below) = (key.get_ref(), path.key(key.get_ref()));
        let earlier = self.mistakes.len();
        if others.names.as_ref().is_some_and(|names| !names.is_match(name)) {
            let message = format!("`{name}` cannot be a key {}", path.inside());
            self.mistake(key.span(), &below, message, phrasing::as_hint(&others.about_names));
        }
        self.value(value, &others.shape, &others.about, &below);
        if let Some(mistake) = self.mistakes.get_mut(earlier)
            && let Some(near) = phrasing::nearest(name, fields.iter().map(|field| field.name.as_str()))
        {
            mistake.hint = Some(format!("did you mean `{near}`?"));
        }
    }

    fn missing(&mut self, field: &Field, span: Span<usize>, path: &Path) {
        let hint = Some(cure::missing(field));
        let below = path.key(&field.name);
        if *path == Path::default() {
            let message = format!("missing {}", cure::header(field));
            self.mistakes.push(Mistake { span: None, path: below.to_string(), message, hint });
        } else {
            self.mistake(span, &below, format!("missing key `{}` {}", field.name, path.inside()), hint);
        }
    }

    /// A table with exactly one key, such as a `[[stage]]`.
    fn tagged(&mut self, table: &DeTable<'_>, span: Span<usize>, tags: &[Field], path: &Path) {
        let (noun, names) = (path.last_key(), || tags.iter().map(|tag| tag.name.as_str()));
        let tag_of = |key: &str| tags.iter().find(|tag| tag.name == key);
        let mut entries: Vec<Entry<'_, '_>> = table.into_iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        if entries.is_empty() {
            let hint = names().next().map(|name| format!("name one {noun} in it, such as `{name} = {{}}`"));
            self.mistake(span, path, format!("{} is empty", path.subject()), hint);
        }
        let (known, unknown): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(key, _)| tag_of(key.get_ref()).is_some());
        if let [(first, _), (second, _), ..] = known.as_slice() {
            let message = format!("{} has two names, `{}` and `{}`", path.subject(), first.get_ref(), second.get_ref());
            let hint = format!("give each its own `[[{noun}]]`");
            self.mistake(second.span(), &path.key(second.get_ref()), message, Some(hint));
        }
        for (key, value) in &known {
            let Some(tag) = tag_of(key.get_ref()) else { continue };
            self.value(value, &tag.shape, tag.constraint(), &path.key(&tag.name));
        }
        let only = match known.as_slice() {
            [(only, _)] => tag_of(only.get_ref()),
            _ => None,
        };
        // `use = "normalize"`: the name stands as the value. What stands beside it is then an option, no stage.
        let as_value = |entry: &&Entry<'_, '_>| entry.1.get_ref().as_str().is_some_and(|name| tag_of(name).is_some());
        let misplaced = unknown.iter().find(as_value).filter(|_| known.is_empty());
        for (key, value) in misplaced.map_or(unknown.as_slice(), std::slice::from_ref) {
            let path = &path.key(key.get_ref());
            if let Some(tag) = only.filter(|tag| tag.shape.field(key.get_ref()).is_some()) {
                let message = format!("`{}` stands beside `{}`, not in it", key.get_ref(), tag.name);
                let value = self.text.line_at(value.span());
                let hint = format!("write `{} = {{ {} = {value} }}`", tag.name, key.get_ref());
                self.mistake(key.span(), path, message, Some(hint));
                continue;
            }
            let near = || phrasing::nearest(key.get_ref(), names()).map(|near| format!("did you mean `{near}`?"));
            let hint = match misplaced.and(value.get_ref().as_str()) {
                Some(name) => format!("the {noun}'s name is the key: `{name} = {{}}`"),
                None => known_elsewhere(key.get_ref())
                    .or_else(near)
                    .unwrap_or_else(|| format!("the {noun}s are {}", phrasing::backquoted(names()))),
            };
            self.mistake(key.span(), path, format!("unknown {noun} `{}`", key.get_ref()), Some(hint));
        }
    }

    fn either(&mut self, value: &Spanned<DeValue<'_>>, shapes: &[Shape], whole: &Shape, about: &str, path: &Path) {
        let trials = shapes.iter().filter(|shape| fits(shape, value.get_ref())).map(|shape| {
            let mut trial = Validator { text: self.text, top: self.top, mistakes: Vec::new() };
            trial.value(value, shape, about, path);
            trial.mistakes
        });
        match trials.min_by_key(Vec::len) {
            Some(mistakes) => self.mistakes.extend(mistakes),
            None => self.wrong_kind(value, whole, about, path),
        }
    }

    fn choice(&mut self, text: &str, span: Span<usize>, choices: &[(String, String)], path: &Path) {
        let names = || choices.iter().map(|(name, _)| name.as_str());
        if names().any(|name| name == text) {
            return;
        }
        let hint = match phrasing::nearest(text, names()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("it can be {}", phrasing::quoted(choices)),
        };
        self.mistake(span, path, format!("{} cannot be {}", path.subject(), phrasing::text_value(text)), Some(hint));
    }

    fn text(&mut self, text: &str, span: Span<usize>, shape: &Shape, about: &str, path: &Path) {
        let Shape::Text { pattern, least, most } = shape else { return };
        if let Some(wrong) = phrasing::miscounted(text.chars().count(), *least, *most, "character") {
            self.mistake(span, path, format!("{} {wrong}", path.subject()), None);
        } else if pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
            let message = format!("{} cannot be {}", path.subject(), phrasing::text_value(text));
            self.mistake(span, path, message, phrasing::as_hint(about));
        }
    }

    fn number(&mut self, number: f64, range: Range, value: &Spanned<DeValue<'_>>, path: &Path) {
        if !range.contains(number) {
            let found = phrasing::found(value.get_ref());
            let found = found.trim_start_matches("the number ");
            let message = format!("{} {}, found {found}", path.subject(), phrasing::out_of_bounds(range, number));
            self.mistake(value.span(), path, message, None);
        }
    }

    fn wrong_kind(&mut self, value: &Spanned<DeValue<'_>>, shape: &Shape, about: &str, path: &Path) {
        let (wanted, found) = (phrasing::wanted(shape), phrasing::found(value.get_ref()));
        let hint = cure::wrong_kind(shape, value.get_ref(), &self.text.line_at(value.span()), about, path);
        self.mistake(value.span(), path, format!("{} must be {wanted}, found {found}", path.subject()), hint);
        // One bracket too few is no reason to leave the mistakes below for the next run.
        if let (Shape::List { items, .. }, DeValue::Table(_)) = (shape, value.get_ref())
            && (matches!(items.as_ref(), Shape::Table { .. })
                || matches!((items.as_ref(), value.get_ref()), (Shape::Tagged(_), DeValue::Table(one)) if one.len() == 1))
        {
            self.value(value, items, about, &path.index(0));
        }
    }

    fn mistake(&mut self, span: Span<usize>, path: &Path, message: String, hint: Option<String>) {
        self.mistakes.push(Mistake { span: Some(span), path: path.to_string(), message, hint });
    }
}

/// Whether the value is of the shape's kind, whatever is wrong inside it.
fn fits(shape: &Shape, value: &DeValue<'_>) -> bool {
    match shape {
        Shape::Table { .. } | Shape::Tagged(_) => value.is_table(),
        Shape::List { .. } => value.is_array(),
        Shape::Choice(_) | Shape::Text { .. } => value.is_str(),
        Shape::Integer(_) => value.is_integer(),
        Shape::Number(_) => value.is_integer() || value.is_float(),
        Shape::Boolean => value.is_bool(),
        Shape::Either(shapes) => shapes.iter().any(|shape| fits(shape, value)),
        Shape::Anything => true,
    }
}
