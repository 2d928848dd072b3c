//! Reads an expression: `or` binds least, then `and`, then `not`.

use regex::Regex;

use super::{Expression, Filter, FilterError, Named, Order, Test};

/// Reads `text`, which may name these columns.
///
/// # Errors
/// The first mistake, with its place.
pub fn parse(text: &str, columns: &[Named]) -> Result<Filter, FilterError> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, end: text.chars().count(), columns };
    let expression = parser.either()?;
    match parser.peek() {
        None => Ok(Filter(expression)),
        Some(Token::Sign(")")) => Err(parser.wrong("this `)` opens nowhere")),
        Some(_) => Err(parser.wrong("`and` or `or` is missing")),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    /// A name, or a word such as `and`.
    Word(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

const SIGNS: [&str; 10] = ["!=", "<=", ">=", "==", "=", "<", ">", "~", "(", ")"];

/// The tokens of a text, each with the place of its first character.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.chars().count() - rest.chars().count();
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let error = |message: String| FilterError { at, message, unknown: None, hint: None };
        let (token, length) = if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(if *sign == "==" { "=" } else { sign }), sign.len())
        } else if first == '"' || first == '\'' {
            let (value, length) = quoted(rest, first).ok_or_else(|| error("the text has no end".to_owned()))?;
            (Token::Text(value), length)
        } else if first.is_alphabetic() || first == '_' {
            let ends = |c: char| !(c.is_alphanumeric() || c == '_' || c == '.');
            let length = rest.find(ends).unwrap_or(rest.len());
            (Token::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
        } else if first.is_ascii_digit() || first == '-' || first == '.' {
            let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-');
            let length = rest.find(ends).unwrap_or(rest.len());
            let written = rest.get(..length).unwrap_or_default();
            let number = written.parse().map_err(|_| FilterError {
                hint: Some("a day is a text: `published >= \"2024-05-01\"`".to_owned()),
                ..error(format!("`{written}` is no number"))
            })?;
            (Token::Number(number), length)
        } else {
            return Err(error(format!("`{first}` means nothing here")));
        };
        tokens.push((at, token));
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The text in quotes that `rest` begins with, and its length; a backslash takes the next quote or backslash as it is.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return Some((value, at + 1));
        }
        let escaped = characters.next_if(|(_, next)| character == '\\' && (*next == quote || *next == '\\'));
        value.push(escaped.map_or(character, |(_, next)| next));
    }
    None
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    next: usize,
    /// Characters of the whole text: where what is missing at its end would stand.
    end: usize,
    columns: &'a [Named],
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn take(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.next += 1;
        token
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(written)) if written.eq_ignore_ascii_case(word))
    }

    /// A mistake at the next token.
    fn wrong(&self, message: impl Into<String>) -> FilterError {
        let at = self.tokens.get(self.next).map_or(self.end, |(at, _)| *at);
        FilterError { at, message: message.into(), unknown: None, hint: None }
    }

    fn either(&mut self) -> Result<Expression, FilterError> {
        let mut left = self.both()?;
        while self.is_word("or") {
            self.next += 1;
            left = Expression::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Expression, FilterError> {
        let mut left = self.single()?;
        while self.is_word("and") {
            self.next += 1;
            left = Expression::And(Box::new(left), Box::new(self.single()?));
        }
        Ok(left)
    }

    fn single(&mut self) -> Result<Expression, FilterError> {
        if self.is_word("not") {
            self.next += 1;
            return Ok(Expression::Not(Box::new(self.single()?)));
        }
        if self.peek() == Some(&Token::Sign("(")) {
            self.next += 1;
            let inner = self.either()?;
            if self.peek() != Some(&Token::Sign(")")) {
                return Err(self.wrong("a `)` is missing"));
            }
            self.next += 1;
            return Ok(inner);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expression, FilterError> {
        let Some(Token::Word(name)) = self.peek() else { return Err(self.wrong("a column is missing")) };
        let column = self.columns.iter().find(|column| column.name == *name).ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
            let hint = Some(format!("the columns are {}", names.join(", ")));
            FilterError { hint, unknown: Some(name.clone()), ..self.wrong(format!("there is no column `{name}`")) }
        })?;
        self.next += 1;
        let looks_into = if self.is_word("contains") { Some("contains") } else { None };
        let looks_into = looks_into.or((self.peek() == Some(&Token::Sign("~"))).then_some("~"));
        let test = match looks_into {
            Some(sign) => self.within(column, sign)?,
            None => self.ordered(column)?,
        };
        Ok(match test {
            (test, true) => Expression::Is { column: column.name.clone(), test },
            (test, false) => Expression::Not(Box::new(Expression::Is { column: column.name.clone(), test })),
        })
    }

    /// `~` or `contains` and its text.
    fn within(&mut self, column: &Named, sign: &str) -> Result<(Test, bool), FilterError> {
        if column.is_number {
            return Err(self.wrong(format!("`{}` is a number, which `{sign}` does not look into", column.name)));
        }
        self.next += 1;
        let Some(Token::Text(text)) = self.peek() else { return Err(self.wrong("a text in quotes is missing")) };
        let test = if sign == "~" {
            Test::Matches(Regex::new(text).map_err(|_| self.wrong(format!("`{text}` is no regular expression")))?)
        } else {
            Test::Contains(text.clone())
        };
        self.next += 1;
        Ok((test, true))
    }

    /// A comparison and its value; whether it shall hold.
    fn ordered(&mut self, column: &Named) -> Result<(Test, bool), FilterError> {
        let order = match self.peek() {
            Some(Token::Sign("=")) => Order::Equal,
            Some(Token::Sign("!=")) => Order::NotEqual,
            Some(Token::Sign("<")) => Order::Less,
            Some(Token::Sign("<=")) => Order::AtMost,
            Some(Token::Sign(">")) => Order::Greater,
            Some(Token::Sign(">=")) => Order::AtLeast,
            _ => {
                let signs = "`=`, `!=`, `<`, `<=`, `>`, `>=`, `~` or `contains`";
                return Err(self.wrong(format!("a comparison is missing: {signs}")));
            }
        };
        self.next += 1;
        let value = self.peek();
        let test = match value {
            _ if self.is_word("null") => match order {
                Order::Equal => (Test::Null, true),
                Order::NotEqual => (Test::Null, false),
                _ => return Err(self.wrong("nothing is less or greater than `null`")),
            },
            Some(Token::Number(number)) if column.is_number => (Test::Number(order, *number), true),
            Some(Token::Text(text)) if !column.is_number => (Test::Text(order, text.clone()), true),
            Some(Token::Text(_)) => {
                return Err(self.wrong(format!("`{}` is a number; a text is no value for it", column.name)));
            }
            Some(Token::Number(_)) => {
                return Err(self.wrong(format!("`{}` is a text; put its value in quotes", column.name)));
            }
            _ => return Err(self.wrong("a value is missing: a text in quotes, a number or `null`")),
        };
        self.take();
        Ok(test)
    }
}
