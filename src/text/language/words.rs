//! The words of a text that say something about its language: no addresses, no handles, nothing with digits.

/// Calls `word` with each white-space-delimited word of `text` that has a vote.
pub(super) fn each<'a>(text: &'a str, mut word: impl FnMut(&'a str)) {
    for candidate in text.split_whitespace() {
        if votes(candidate) {
            word(candidate);
        }
    }
}

/// True unless the word is a number, an address, a handle or a hash tag, or holds no letter at all.
fn votes(word: &str) -> bool {
    let bytes = word.as_bytes();
    let (mut letter, mut marked, mut dot) = (false, false, false);
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'9' | b'@' | b'#' | b'_' | b'\\' => return false,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => letter = true,
            b'/' | b':' => marked = true,
            b'.' => dot |= index > 0 && index + 1 < bytes.len(),
            _ => {}
        }
    }
    letter && !(marked && word.contains("//")) && !(dot && is_host(word))
}

/// True for `example.com`, `www.example.org/a/b` and the like.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|character: char| character.is_ascii_punctuation());
    let host = word.split(['/', ':', '?']).next().unwrap_or(word);
    let Some((name, domain)) = host.rsplit_once('.') else { return false };
    let labelled =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    name.starts_with("www.")
        || (name.split('.').all(labelled) && labelled(domain) && host.len() < word.len())
        || (name.is_ascii() && DOMAINS.contains(&domain))
}

/// Top-level domains that end an address even where no path follows it, and no word of a language after a missing space.
const DOMAINS: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "info", "eu", "uk", "fr", "de", "es", "it", "nl", "pl", "ru", "cn", "jp", "br",
    "ch", "html", "php", "js", "py", "txt",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        each(text, |word| all.push(word));
        all
    }

    #[test]
    fn addresses_of_every_kind_are_left_out() {
        let text =
            "see https://a.org/the (www.example.org) mail@example.org @handle #topic example.com, a.b.co/path utf8 end";
        assert_eq!(words(text), ["see", "end"]);
    }

    #[test]
    fn a_missing_space_after_a_full_stop_loses_no_word() {
        assert_eq!(words("fin.Le début.Un aujourd'hui, etc..."), ["fin.Le", "début.Un", "aujourd'hui,", "etc..."]);
    }
}
