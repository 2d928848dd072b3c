//! Addresses of web pages.

/// The host of an absolute address in lower case, without user, port and a leading `www.`.
///
/// ```
/// use tamis_text::address::host;
/// assert_eq!(host("https://WWW.Example.org:8080/a?b#c").as_deref(), Some("example.org"));
/// assert_eq!(host("a/b"), None);
/// ```
#[must_use]
pub fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim().to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_neither_user_nor_port_nor_www() {
        for (url, expected) in [
            ("https://www.example.org/a/b", Some("example.org")),
            ("http://me:secret@news.example.org:81", Some("news.example.org")),
            ("https://www.kölner-bote.example/ä", Some("kölner-bote.example")),
            ("file:///house/a", None),
            ("example.org/a", None),
            ("", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }
}
