//! Words that stand before a day or a name and say what it is, in the languages of the packs. Lower case; a word is found
//! where no letter goes on before it, so stems stand for their inflections.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use tamis_text::characters::{is_alphabetic, is_alphanumeric, lower};
use tamis_text::date::is_ideograph;

/// What the words before a day say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// First publication.
    Published = 1,
    /// Last change.
    Updated = 2,
    /// Something else: a copyright, an event, a reader's comment.
    Other = 3,
}

/// What the last label in `text` says, if there is one.
pub(super) fn label(text: &str) -> Option<Label> {
    static LABELS: LazyLock<Words> = LazyLock::new(|| {
        Words::new(&[(PUBLISHED, Label::Published), (UPDATED, Label::Updated), (OTHER, Label::Other)])
    });
    LABELS.last(&text.to_lowercase())
}

/// Words of several kinds in one automaton.
struct Words {
    automaton: AhoCorasick,
    kinds: Vec<Label>,
}

impl Words {
    fn new(lists: &[(&str, Label)]) -> Self {
        let words = lists.iter().flat_map(|(words, kind)| words.split('|').map(move |word| (word, *kind)));
        let (words, kinds): (Vec<&str>, Vec<Label>) = words.unzip();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(words);
        Self { automaton: automaton.expect("a few hundred short words make a small automaton"), kinds }
    }

    /// The kind of the word that ends last, in lower-case `text`, and has no letter before it.
    fn last(&self, text: &str) -> Option<Label> {
        let found = self.automaton.find_overlapping_iter(text).filter(|found| {
            let before = text.get(..found.start()).and_then(|before| before.chars().next_back());
            before.is_none_or(|before| !is_alphabetic(before) || is_ideograph(before))
        });
        // Among words that end together the first list goes before.
        let last = found.max_by_key(|found| (found.end(), std::cmp::Reverse(found.pattern().as_usize())))?;
        self.kinds.get(last.pattern().as_usize()).copied()
    }
}

/// What stands after the word for an author that `text` begins with.
pub(super) fn behind_byline(text: &str) -> Option<&str> {
    static WORDS: LazyLock<Beginnings> = LazyLock::new(|| Beginnings::new::<2>(BYLINE));
    let fits = |word: &&str| {
        let mut lower = text.chars().take(32).flat_map(char::to_lowercase);
        if !word.chars().all(|character| lower.next() == Some(character)) {
            return false;
        }
        let spaced = word.chars().next_back().is_some_and(|last| is_alphabetic(last) && !is_ideograph(last));
        !spaced || lower.next().is_none_or(|next| !is_alphanumeric(next))
    };
    let word = WORDS.like::<2>(text).filter(fits).max_by_key(|word| word.len())?;
    // None of these words has a letter whose lower case is longer than itself.
    let at = text.char_indices().nth(word.chars().count()).map_or(text.len(), |(at, _)| at);
    let marks = [':', '：', '●', '/', '／', '|', '・', '.'];
    Some(text.get(at..)?.trim_start_matches(|character: char| character.is_whitespace() || marks.contains(&character)))
}

/// Whether a word of `text` begins as the name of a post does.
pub(super) fn is_post(text: &str) -> bool {
    static STEMS: LazyLock<Beginnings> = LazyLock::new(|| Beginnings::new::<3>(POSTS));
    let begins = |text: &str, stem: &str| {
        let mut lower = text.chars().flat_map(char::to_lowercase);
        stem.chars().all(|character| lower.next() == Some(character))
    };
    // Stems are of letters alone, so none goes on beyond its word.
    let mut inside = false;
    text.char_indices().any(|(at, character)| {
        let first = !std::mem::replace(&mut inside, is_alphabetic(character)) && inside;
        first && text.get(at..).is_some_and(|text| STEMS.like::<3>(text).any(|stem| begins(text, stem)))
    })
}

/// Words by their first few bytes; none is shorter.
pub(super) struct Beginnings {
    /// Sorted by the number that the first bytes make.
    words: Vec<(u32, &'static str)>,
    /// Whether a word has first bytes that come to a place here: most texts are told from all words by that.
    places: [bool; PLACES],
}

const PLACES: usize = 1024;

impl Beginnings {
    /// Of words separated by `|`, by their first `N` bytes.
    pub fn new<const N: usize>(words: &'static str) -> Self {
        let mut words: Vec<_> = words.split('|').map(|word| (first_bytes::<N>(word), word)).collect();
        words.sort_by_key(|(first, _)| *first);
        let mut places = [false; PLACES];
        words.iter().for_each(|(first, _)| places[place(*first)] = true);
        Self { words, places }
    }

    /// Those whose first `N` bytes are those of `text`, capitals taken for small letters.
    pub fn like<const N: usize>(&self, text: &str) -> impl Iterator<Item = &'static str> {
        let first = first_bytes::<N>(text);
        let words = if self.places[place(first)] { self.words.as_slice() } else { &[] };
        let from = words.partition_point(|(other, _)| *other < first);
        words.iter().skip(from).take_while(move |(other, _)| *other == first).map(|(_, word)| *word)
    }
}

fn place(first: u32) -> usize {
    (first.wrapping_mul(0x9e37_79b1) >> 22) as usize % PLACES
}

/// The first `N` bytes of a word in lower case, as one number.
fn first_bytes<const N: usize>(word: &str) -> u32 {
    let number = |bytes: [u8; N]| bytes.into_iter().fold(0, |number, byte| number << 8 | u32::from(byte));
    if let Some(first) = word.as_bytes().first_chunk::<N>().filter(|first| first.is_ascii()) {
        return number(first.map(|byte| byte.to_ascii_lowercase()));
    }
    let mut bytes = [0; N];
    let mut letters = word.chars().map(lower);
    let mut length = 0;
    while let Some(letter) = letters.next().filter(|_| length < bytes.len()) {
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            if let Some(slot) = bytes.get_mut(length) {
                *slot = byte;
            }
            length += 1;
        }
    }
    number(bytes)
}

const PUBLISHED: &str = "publish|posted|post date|date posted|first published|created|released|veröffentlich|erschienen|erstellt|publié|parution|\
    paru le|mis en ligne|publicad|publicación|publicação|postado|pubblicat|gepubliceerd|geplaatst|verschenen|opublikowan|dodano|\
    data publikacji|utworzono|опубликован|дата публикации|опубліковано|дата публікації|yayınlan|yayımlan|yayın tarihi|giriş|oluşturulma|\
    eklenme|نشر|نُشر|تاريخ النشر|انتشار|تاریخ انتشار|प्रकाशित|पब्लिश|dipublikasikan|diterbitkan|terbit|tayang|diposting|ngày đăng|đăng lúc|\
    xuất bản|发布|發布|发表|發表|刊登|公開|掲載|投稿|配信|登録|입력|등록|게시|작성|기사입력|publicerad|publicerat|skapad|submitted|asked|start date|\
    publikováno|publikoval|δημοσι|publisert|julkaistu|offentliggjort|udgivet";
const UPDATED: &str = "updated|update:|last update|modified|last edited|edited|revised|reviewed|changed|aktualisier|geändert|zuletzt|letzte änderung|letztes update|\
    stand:|stand vom|mis à jour|mise à jour|modifié|actualis|actualiz|última actualización|modificad|atualizad|aggiornat|ultimo aggiornamento|\
    modifica|bijgewerkt|gewijzigd|laatste update|zaktualizowan|aktualizacja|ostatnia aktualizacja|обновлен|изменен|оновлен|змінено|\
    güncelle|son güncelleme|تحديث|محدّث|آخر تحديث|به‌روز|بروزرسانی|आखरी अपडेट|अपडेट|संशोधित|diperbarui|pembaruan|terakhir diubah|cập nhật|\
    sửa lần cuối|更新|修改|修正|最終更新|수정|최종수정|업데이트|uppdaterad|uppdaterat|ändrad|aktualizováno|ενημερ|oppdatert|päivitetty|opdateret";
const OTHER: &str = "ausfertigungsdatum|ausgefertigt|copyright|©|(c)|joined|expires|until|bis |born|since|valid|effective|registered|dabei seit|mitglied seit|deadline|ends|starts|sale|\
    accessed|retrieved|abgerufen|archived|replied|reply|answered|last post|comment|commented|wrote|schrieb|sagt|says|event|on sale|member|\
    from |between|before|after|by the|as of|seit |vom |depuis|desde|dal |от |с |od ";
const BYLINE: &str = "by|written by|posted by|published by|reported by|story by|words by|article by|text by|authored by|reviewed by|created by|submitted by|\
    started by|edited by|author|authors|writer|byby|written byby|von|ein beitrag von|ein artikel von|autor|autorin|autoren|text|redaktion|verfasst von|\
    geschrieben von|veröffentlicht von|par|écrit par|rédigé par|publié par|auteur|auteurs|texte|por|escrito por|publicado por|autora|autores|redacción|\
    texto|da redação|di|scritto da|a cura di|pubblicato da|autore|testo|door|geschreven door|auteur|tekst|opracował|opracowała|autor tekstu|автор|\
    автори|авторы|текст|журналист|yazar|yazan|haber|haberi yazan|muhabir|بقلم|كتب|كتبت|كاتب|الكاتب|نویسنده|نوشته|گزارش|लेखक|द्वारा|लेखिका|रिपोर्ट|\
    oleh|penulis|reporter|laporan|tác giả|bài|bởi|phóng viên|作者|记者|記者|撰文|文|编辑|文字|投稿者|著者|執筆|筆者|ライター|取材・文|글|기자|글쓴이|작성자|av|\
    skriven av|text av|text och foto|skribent|thread starter|topic author|opened by|asked by|post by";
const POSTS: &str = "editor|reporter|correspondent|writer|journalist|columnist|staff|author|contributor|producer|analyst|senior|redakteur|redaktorin|\
    chefredakteur|korrespondent|reporterin|autor|journaliste|rédact|correspondant|redactor|periodista|corresponsal|redattore|giornalista|\
    redacteur|verslaggever|dziennikarz|корреспондент|редактор|журналіст|muhabir|محرر|مراسل|wartawan|phóng|reportrar|director|manager|ceo|founder|professor";
