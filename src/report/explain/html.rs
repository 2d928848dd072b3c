//! Explanations as one page of HTML that needs nothing else: light and dark, wide and narrow.

use std::fmt::Write;

use super::{Explained, Explanation, Line, Piece, Verdict, Why};

const STYLE: &str = include_str!("explain.css");

/// The explanations as a page.
#[must_use]
pub fn html(explained: &Explained) -> String {
    let title = explained.documents.first().map_or("tamis explain", |document| document.id.as_str());
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n",
        escaped(title)
    );
    explained.notes.iter().for_each(|note| paragraph("note", note, &mut out));
    explained.documents.iter().for_each(|document| article(document, "", &mut out));
    explained.rejected.iter().for_each(|rejected| paragraph("note", &format!("not read: {rejected}"), &mut out));
    explained.partners.iter().for_each(|partner| article(partner, "the kept copy: ", &mut out));
    out
}

fn article(document: &Explanation, before: &str, out: &mut String) {
    let _ = writeln!(out, "<article>\n<h1>{before}{}</h1>\n<dl>", escaped(&document.id));
    for fact in &document.facts {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", fact.name, escaped(&fact.value));
    }
    out.push_str("</dl>\n<ol>\n");
    document.lines.iter().for_each(|line| block(line, out));
    out.push_str("</ol>\n");
    verdict(&document.verdict, out);
    out.push_str("</article>\n");
}

fn block(line: &Line, out: &mut String) {
    let class = match (&line.removal, line.edits.is_empty(), line.blank_before) {
        (Some(_), _, true) => "gone apart",
        (Some(_), _, false) => "gone",
        (None, false, true) => "edited apart",
        (None, false, false) => "edited",
        (None, true, true) => "apart",
        (None, true, false) => "",
    };
    let _ = write!(out, "<li value=\"{}\" class=\"{class}\"><p>", line.block);
    for piece in &line.pieces {
        let _ = match piece {
            Piece::Same(text) => write!(out, "{}", escaped(text)),
            Piece::Out(text) => write!(out, "<del>{}</del>", escaped(text)),
            Piece::In(text) => write!(out, "<ins>{}</ins>", escaped(text)),
        };
    }
    out.push_str("</p>");
    line.edits.iter().for_each(|edit| reason(&edit.why, out));
    line.removal.iter().for_each(|why| reason(why, out));
    out.push_str("</li>\n");
}

fn reason(why: &Why, out: &mut String) {
    let _ = write!(out, "<small><b>{}</b>: {}</small>", escaped(&why.rule), escaped(&why.sentence));
    keep(why, out);
}

fn keep(why: &Why, out: &mut String) {
    if let Some(keep) = why.keep.as_ref().or(why.advice.as_ref()) {
        let _ = write!(out, "<small>keep it: <code>{}</code></small>", escaped(keep));
    }
}

fn verdict(verdict: &Verdict, out: &mut String) {
    paragraph("verdict", &verdict.sentence(), out);
    verdict.removal.iter().for_each(|why| keep(why, out));
}

fn paragraph(class: &str, text: &str, out: &mut String) {
    let _ = writeln!(out, "<p class=\"{class}\">{}</p>", escaped(text));
}

/// Text as HTML. Control characters, which no page may have, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('⏎'),
            character if character.is_control() => {}
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_no_mark_up_of_the_article_and_asks_for_nothing_else() {
        let line = Line { pieces: vec![Piece::Same("<script src=x>&".to_owned())], ..Line::default() };
        let document = Explanation { id: "a\"b".to_owned(), lines: vec![line], ..Explanation::default() };
        let page = html(&Explained { documents: vec![document], ..Explained::default() });
        assert!(page.contains("&lt;script src=x&gt;&amp;") && page.contains("<h1>a&quot;b</h1>"), "{page}");
        assert!(!page.contains("<script") && !page.contains("http"), "{page}");
    }
}
