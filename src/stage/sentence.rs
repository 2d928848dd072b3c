//! Sentences about one case of a rule: a template with the case's figures put in.
//!
//! `{value}` and `{limit}` are the measured value and its limit as numbers, `{value%}` and `{limit%}` as percentages, `{n words}` is the
//! value with a noun (`1 word`, `12 words`), `{copy}` the kept copy, `{found}` what the stage found in the text, `{option}` what the config
//! sets for the rule's option. What stands in square brackets is left out where something in it is not known.

/// What is known of one case.
#[derive(Debug, Clone, Copy, Default)]
pub struct Case<'a> {
    /// The measured value.
    pub value: Option<f64>,
    /// The limit it was held against.
    pub threshold: Option<f64>,
    /// The kept copy, in words.
    pub copy: Option<&'a str>,
    /// What the stage found in the text, in words.
    pub found: Option<&'a str>,
    /// What the config sets for the option that keeps such texts, in words.
    pub option: Option<&'a str>,
}

impl Case<'_> {
    /// The template with its figures; `None` where one is missing that stands in no brackets.
    #[must_use]
    pub fn tell(&self, template: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('[') {
            let (within, behind) = after.split_once(']')?;
            out.push_str(&self.filled(before)?);
            out.push_str(&self.filled(within).unwrap_or_default());
            rest = behind;
        }
        out.push_str(&self.filled(rest)?);
        Some(out)
    }

    fn filled(&self, template: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}')?;
            out.push_str(before);
            out.push_str(&self.named(name)?);
            rest = behind;
        }
        out.push_str(rest);
        Some(out)
    }

    /// A figure with two decimals, and more where value and limit would look the same.
    fn rounded(&self, number: f64) -> String {
        let two = |number: f64| (number * 1e2).round() / 1e2;
        let differ = self.value.map(two) != self.threshold.map(two);
        figure(if differ && two(number) != 0.0 { two(number) } else { number })
    }

    fn named(&self, name: &str) -> Option<String> {
        match name {
            "value" => self.value.map(|value| self.rounded(value)),
            "limit" => self.threshold.map(|limit| self.rounded(limit)),
            "value%" => self.value.map(percent),
            "limit%" => self.threshold.map(percent),
            "copy" => self.copy.map(str::to_owned),
            "found" => self.found.map(str::to_owned),
            "option" => self.option.map(str::to_owned),
            _ => Some(counted(self.value?, name.strip_prefix("n ")?)),
        }
    }
}

/// A figure without digits that say nothing.
#[must_use]
pub fn figure(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // What is not nothing shall not look like it.
    if text == "0" && value != 0.0 { format!("{value:.1e}") } else { text.to_owned() }
}

fn percent(share: f64) -> String {
    format!("{} %", figure((share * 1000.0).round() / 10.0))
}

/// `1 word`, `12 words`; the noun is given in the plural.
fn counted(number: f64, nouns: &str) -> String {
    let noun = if number == 1.0 { nouns.strip_suffix('s').unwrap_or(nouns) } else { nouns };
    format!("{} {noun}", figure(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_where_the_template_names_them() {
        let case = Case { value: Some(0.0125), threshold: Some(0.47), found: Some("German"), ..Case::default() };
        assert_eq!(case.tell("{found}: {value} of {limit}").as_deref(), Some("German: 0.01 of 0.47"));
        let close = Case { value: Some(0.4996), threshold: Some(0.5), ..case };
        assert_eq!(close.tell("{value} of {limit}").as_deref(), Some("0.4996 of 0.5"));
        assert_eq!(case.tell("{value%}, {limit%}").as_deref(), Some("1.3 %, 47 %"));
        let one = Case { value: Some(1.0), ..Case::default() };
        assert_eq!(one.tell("{n words}").as_deref(), Some("1 word"));
        assert_eq!(Case { value: Some(12.0), ..one }.tell("{n words}").as_deref(), Some("12 words"));
    }

    #[test]
    fn what_is_not_known_is_left_out_with_its_brackets_or_spoils_the_sentence() {
        let case = Case { value: Some(3.0), ..Case::default() };
        assert_eq!(case.tell("[a copy of {copy}; ]in {n documents}[ of {limit}]").as_deref(), Some("in 3 documents"));
        assert_eq!(case.tell("a copy of {copy}"), None);
        assert_eq!(case.tell("{no such name}"), None);
    }
}
