//! Tokenizers from a `tokenizer.json`, run by the `tokenizers` engine.
//!
//! Files of every age are read: old ones are rewritten in memory to the form the engine reads. The pipeline is walked
//! here rather than by the engine's own `encode`, for three reasons. Special tokens that stand in a text must be
//! ordinary text; buffers that one huge document needed must not be kept for ever; and the engine's reader leaves the
//! regular expressions that it does not know by heart without a matcher.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use serde_json::Value;
use tokenizers::SplitDelimiterBehavior;
use tokenizers::pipeline::{
    Model, PipelineModelScratch, PipelinePreTokenizer, PipelineToken, PipelineTokenizer, PreTokenizer,
    PreTokenizerScratch, Segment, Span, SpecialSegmentIterator, normalize_all,
};
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};

/// A tokenizer as its file describes it.
pub struct FileTokenizer {
    pipeline: PipelineTokenizer,
    pre_tokenizer: PipelinePreTokenizer,
    /// Whether a text that starts with something else than a space is given one (`add_prefix_space` of byte level).
    prefix_space: bool,
    /// Number of ids.
    pub size: u32,
    /// What the file puts before a single text, if that is one token.
    pub first: Option<u32>,
    /// What the file puts after a single text, if that is one token.
    pub last: Option<u32>,
    /// Whether some text may have no encoding.
    pub may_refuse: bool,
    /// Whether a long text may be cut at a space that follows something else than white space.
    cuts_at_space: bool,
    /// Buffers that are not in use; as many as threads ever encoded at once.
    buffers: Mutex<Vec<Buffers>>,
}

/// What one thread needs to encode.
struct Buffers {
    model: PipelineModelScratch,
    cutter: PreTokenizerScratch,
    spans: Vec<Span>,
    tokens: Vec<PipelineToken>,
}

/// After a part of more bytes than this, the buffers are dropped rather than kept.
const KEEP: usize = 1 << 20;

impl FileTokenizer {
    /// Builds the tokenizer that `config` describes.
    ///
    /// # Errors
    /// Says what in `config` is missing or unknown.
    pub fn new(mut config: Value) -> Result<Self, String> {
        let is_tokenizer = config.get("model").is_some_and(|model| model.get("vocab").is_some());
        if !is_tokenizer {
            return Err("it has no `model` with a `vocab`".to_owned());
        }
        let prefix_space = take_prefix_space(&mut config)?;
        tokenizers::canonicalize_value(&mut config).map_err(|error| error.to_string())?;
        let (first, last) = template_ends(&config);
        let size = number_of_ids(&config);
        let lacks_unknown = lacks_unknown(&config);
        if let Some(root) = config.as_object_mut() {
            // What comes after the encoding is not wanted, so it need not be understood either.
            for part in ["post_processor", "decoder", "padding", "truncation"] {
                root.remove(part);
            }
        }
        refuse_broken_added_tokens(&config)?;
        let searches = check_patterns(config.get_mut("pre_tokenizer"))?;
        let may_refuse = lacks_unknown || searches;
        let cuts_at_space = !searches && cuts_at_space(&config);
        let text = config.to_string();
        drop(config);
        // The engine panics on some vocabularies that contradict themselves.
        let pipeline = catch_unwind(|| tokenizers::from_json(&text))
            .map_err(|_| "its vocabulary contradicts itself".to_owned())?
            .map_err(|error| error.to_string())?;
        // A clone is made by the constructor that compiles regular expressions.
        let pre_tokenizer = catch_unwind(AssertUnwindSafe(|| pipeline.get_pre_tokenizer().clone()))
            .map_err(|_| "a pattern of its pre-tokenizer cannot be compiled".to_owned())?;
        Ok(Self {
            pipeline,
            pre_tokenizer,
            prefix_space,
            size,
            first,
            last,
            may_refuse,
            cuts_at_space,
            buffers: Mutex::default(),
        })
    }

    /// Appends the ids of `text`. Special tokens inside the text are ordinary text; other added tokens are matched.
    ///
    /// # Errors
    /// If the model has no id for some part of the text, not even an unknown one.
    pub fn encode_into(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), String> {
        let taken = self.buffers.lock().ok().and_then(|mut free| free.pop());
        let mut buffers = taken.unwrap_or_else(|| Buffers {
            model: self.pipeline.get_model().init_scratch(),
            cutter: PreTokenizerScratch::default(),
            spans: Vec::new(),
            tokens: Vec::new(),
        });
        buffers.tokens.clear();
        let prefixed = self.prefix_space && !text.is_empty() && !text.starts_with(' ');
        let text = if prefixed { Cow::Owned(format!(" {text}")) } else { Cow::Borrowed(text) };
        let mut longest = 0;
        let mut offset = 0;
        let mut result = Ok(());
        while result.is_ok() && offset < text.len() {
            let (_, rest) = text.split_at(offset);
            let at = if self.cuts_at_space { next_cut(rest) } else { rest.len() };
            let (part, _) = rest.split_at(at);
            result = self.encode_text(part, offset, &mut buffers);
            offset += at;
            longest = longest.max(at);
        }
        ids.extend_from_slice(PipelineToken::cast_slice(&buffers.tokens));
        if longest <= KEEP
            && let Ok(mut free) = self.buffers.lock()
        {
            free.push(buffers);
        }
        result.map_err(|error| error.to_string())
    }

    /// The token that `id` stands for, as the vocabulary spells it.
    pub fn token(&self, id: u32) -> Option<String> {
        let added = self.pipeline.get_added_vocabulary().simple_id_to_token(id);
        added.or_else(|| self.pipeline.get_model().id_to_token(id))
    }

    /// The id of the added token `content`.
    pub fn added_token(&self, content: &str) -> Option<u32> {
        self.pipeline.get_added_vocabulary().token_to_id(content)
    }

    /// The token that plays `role` (`bos_token`, `eos_token`), where the file says so.
    pub fn role(&self, role: &str) -> Option<&str> {
        self.pipeline.get_token_for_role(role)
    }

    /// Encodes a part of a text that starts at `start` of the whole.
    fn encode_text(&self, text: &str, start: usize, buffers: &mut Buffers) -> tokenizers::Result<()> {
        let added = self.pipeline.get_added_vocabulary();
        for segment in SpecialSegmentIterator::new(text, added, false, true) {
            let (chunk, offset) = match segment {
                Segment::SpecialToken(id) => {
                    buffers.tokens.push(id.into());
                    continue;
                }
                Segment::Text { text, input_offset } => (text, input_offset),
            };
            let normalized = normalize_all(self.pipeline.get_normalizers(), chunk, start + offset)?;
            for segment in SpecialSegmentIterator::new(&normalized, added, true, true) {
                match segment {
                    Segment::SpecialToken(id) => buffers.tokens.push(id.into()),
                    Segment::Text { text, .. } => self.encode_segment(text, buffers)?,
                }
            }
        }
        Ok(())
    }

    fn encode_segment(&self, text: &str, buffers: &mut Buffers) -> tokenizers::Result<()> {
        if u32::try_from(text.len()).is_err() {
            return Err("more than 4 GiB in one text".into());
        }
        let Buffers { model, cutter, spans, tokens } = buffers;
        spans.clear();
        self.pre_tokenizer.pre_tokenize(text, cutter, spans)?;
        self.pipeline.get_model().tokenize_spans(text, spans, model, tokens)
    }
}

/// Takes `add_prefix_space` off a byte-level pre-tokenizer, which the engine does not know, and says whether it was set.
fn take_prefix_space(config: &mut Value) -> Result<bool, String> {
    let plain_normalizer = match config.get("normalizer") {
        None | Some(Value::Null) => true,
        Some(normalizer) => {
            let kind = normalizer.get("type").and_then(Value::as_str);
            matches!(kind, Some("NFC" | "NFD" | "NFKC" | "NFKD" | "Lowercase"))
        }
    };
    // An added token that is matched in the text would start a new piece, and that piece would get a space of its own.
    let added = config.get("added_tokens").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let all_special = added.iter().all(|token| token.get("special") == Some(&Value::Bool(true)));
    let Some(pre_tokenizer) = config.get_mut("pre_tokenizer").and_then(Value::as_object_mut) else { return Ok(false) };
    if pre_tokenizer.get("type").and_then(Value::as_str) != Some("ByteLevel")
        || pre_tokenizer.get("add_prefix_space") != Some(&Value::Bool(true))
    {
        return Ok(false);
    }
    if !plain_normalizer || !all_special {
        return Err("`add_prefix_space` is not supported together with its normalizer or added tokens".to_owned());
    }
    pre_tokenizer.insert("add_prefix_space".to_owned(), Value::Bool(false));
    Ok(true)
}

/// Whether the model has no token for what is not in its vocabulary, and refuses such text.
fn lacks_unknown(config: &Value) -> bool {
    let Some(model) = config.get("model") else { return true };
    match model.get("type").and_then(Value::as_str) {
        Some("BPE") => false,
        Some("Unigram") => model.get("unk_id").is_none_or(Value::is_null),
        _ => {
            let unknown = model.get("unk_token").and_then(Value::as_str);
            unknown.is_none_or(|unknown| model.get("vocab").and_then(|vocabulary| vocabulary.get(unknown)).is_none())
        }
    }
}

/// Whether each part of a text, cut at a space that follows something else than white space, is encoded as it is
/// within the whole.
///
/// So it is where every normalizer looks at characters alone, some pre-tokenizer cuts there in any case and none looks
/// beyond, and no added token reaches over the cut.
fn cuts_at_space(config: &Value) -> bool {
    let kind = |component: &Value| component.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let members = |part: &str, list: &str| match config.get(part) {
        None | Some(Value::Null) => Vec::new(),
        Some(component) => match component.get(list).and_then(Value::as_array) {
            Some(members) => members.clone(),
            None => vec![component.clone()],
        },
    };
    let normalizers = members("normalizer", "normalizers");
    let local = ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "BertNormalizer", "MetaspaceNormalizer"];
    let is_metaspace = |normalizer: &Value| {
        let (is, drops) = (kind(normalizer) == "MetaspaceNormalizer", normalizer.get("drop_whitespace"));
        is && drops == Some(&Value::Bool(false))
    };
    let pre_tokenizers = members("pre_tokenizer", "pretokenizers");
    let cuts = |pre_tokenizer: &Value| match kind(pre_tokenizer).as_str() {
        "Whitespace" | "WhitespaceSplit" | "BertPreTokenizer" => true,
        // A pattern that the engine knows by heart: see `pieces::cut_at_space`.
        "Split" if pre_tokenizer.pointer("/pattern/Regex").is_some() => {
            let inverted = pre_tokenizer.get("invert") == Some(&Value::Bool(true));
            let behavior = pre_tokenizer.get("behavior").and_then(Value::as_str).unwrap_or("Isolated");
            behavior == if inverted { "Removed" } else { "Isolated" }
        }
        "Split" => pre_tokenizer.get("behavior").and_then(Value::as_str) == Some("MergedWithNext"),
        _ => false,
    };
    let looks_no_further = |pre_tokenizer: &Value| {
        cuts(pre_tokenizer) || matches!(kind(pre_tokenizer).as_str(), "Digits" | "Punctuation" | "ByteLevel")
    };
    // The engine's pieces of a string begin with it, and the string that is cut at must be the space's.
    let by_string = pre_tokenizers.iter().any(|member| member.pointer("/pattern/String").is_some());
    let added = config.get("added_tokens").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let reaches_over = |token: &Value| {
        let is = |flag: &str| token.get(flag).and_then(Value::as_bool).unwrap_or(true);
        let content = token.get("content").and_then(Value::as_str).unwrap_or(" ");
        !is("special") && (is("rstrip") || content.contains(char::is_whitespace))
    };
    normalizers.iter().all(|normalizer| {
        local.contains(&kind(normalizer).as_str())
            && (kind(normalizer) != "MetaspaceNormalizer" || is_metaspace(normalizer))
    }) && normalizers.iter().any(is_metaspace) == by_string
        && pre_tokenizers.iter().any(cuts)
        && pre_tokenizers.iter().all(looks_no_further)
        && !added.iter().any(reaches_over)
}

/// Where the part at the start of `text` ends: at the last place to cut within [`KEEP`] bytes, else at the first one
/// after them, else at the end.
fn next_cut(text: &str) -> usize {
    let is_cut = |at: &usize| {
        let before = text.get(..*at).and_then(|head| head.chars().next_back());
        before.is_some_and(|last| !last.is_whitespace())
    };
    let Some((head, tail)) = text.as_bytes().split_at_checked(KEEP) else { return text.len() };
    let within = memchr::memrchr_iter(b' ', head).find(is_cut);
    let after = || memchr::memchr_iter(b' ', tail).map(|at| KEEP + at).find(is_cut);
    within.or_else(after).unwrap_or(text.len())
}

/// Compiles each regular expression of the pre-tokenizer, so that a bad one is an error. Says whether any is one that
/// the engine has to search for, which it gives up on some texts.
///
/// The engine takes two patterns for `cl100k_base`'s, which differs from them in how many digits make a piece; those
/// are put in a group, so that it does not know them.
fn check_patterns(pre_tokenizer: Option<&mut Value>) -> Result<bool, String> {
    let Some(pre_tokenizer) = pre_tokenizer else { return Ok(false) };
    if let Some(members) = pre_tokenizer.get_mut("pretokenizers").and_then(Value::as_array_mut) {
        return members.iter_mut().try_fold(false, |any, member| Ok(check_patterns(Some(member))? || any));
    }
    let Some(Value::String(regex)) = pre_tokenizer.pointer_mut("/pattern/Regex") else { return Ok(false) };
    if regex.starts_with("(?i:") && (regex.contains(r"|\p{N}{1,2}|") || regex.contains(r"|\p{N}+|")) {
        *regex = format!("(?:{regex})");
    }
    let pattern = SplitPattern::Regex(regex.clone());
    let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
        .map_err(|error| format!("its pre-tokenizer's pattern cannot be compiled: {error}"))?;
    Ok(split.grammar().is_none())
}

/// Refuses added tokens on which the engine would stop: whole words that begin with a character of several bytes.
fn refuse_broken_added_tokens(config: &Value) -> Result<(), String> {
    let added = config.get("added_tokens").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for token in added {
        let content = token.get("content").and_then(Value::as_str).unwrap_or_default();
        let is = |flag: &str| token.get(flag).and_then(Value::as_bool).unwrap_or(false);
        if is("single_word") && !is("special") && !content.starts_with(|first: char| first.is_ascii()) {
            return Err(format!("its added token `{content}` is a `single_word` in other letters than ASCII"));
        }
    }
    Ok(())
}

/// The single ids that the post-processor puts before and after one text.
fn template_ends(config: &Value) -> (Option<u32>, Option<u32>) {
    let Some(pieces) = config.pointer("/post_processor/single").and_then(Value::as_array) else { return (None, None) };
    let id = |piece: Option<&Value>| {
        let ids = piece?.get("ids")?.as_array()?;
        let [id] = ids.as_slice() else { return None };
        u32::try_from(id.as_u64()?).ok()
    };
    let text = pieces.iter().position(|piece| piece.get("seq").is_some());
    match text {
        Some(at) => (id(at.checked_sub(1).and_then(|before| pieces.get(before))), id(pieces.get(at + 1))),
        None => (None, None),
    }
}

/// One more than the highest id of the model's vocabulary and the added tokens.
fn number_of_ids(config: &Value) -> u32 {
    let model = match config.pointer("/model/vocab") {
        Some(Value::Object(vocabulary)) => vocabulary.values().filter_map(Value::as_u64).max().map_or(0, |id| id + 1),
        Some(Value::Array(vocabulary)) => vocabulary.len() as u64,
        _ => 0,
    };
    let added = config.get("added_tokens").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let added = added.iter().filter_map(|token| token.get("id")?.as_u64()).max().map_or(0, |id| id + 1);
    u32::try_from(model.max(added)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_has_the_same_ids_cut_or_whole() {
        let sentence = " the bridges\nthe  bridge. café é  \n\n  42 the\tbridge 橋bridge the";
        let text = sentence.repeat(4 * KEEP / sentence.len());
        for line in include_str!("golden/files.jsonl").lines() {
            let golden: Value = serde_json::from_str(line).unwrap();
            let mut tokenizer = FileTokenizer::new(golden["config"].clone()).unwrap();
            let searched = golden["name"] == "own_pattern";
            assert_eq!(tokenizer.cuts_at_space, !searched, "{}", golden["name"]);
            let (mut cut, mut whole) = (Vec::new(), Vec::new());
            tokenizer.encode_into(&text, &mut cut).unwrap();
            tokenizer.cuts_at_space = false;
            tokenizer.encode_into(&text, &mut whole).unwrap();
            assert!(cut == whole, "{}", golden["name"]);
        }
    }

    #[test]
    fn a_tokenizer_without_pieces_is_never_cut() {
        let line = include_str!("golden/files.jsonl").lines().next().unwrap();
        let mut config = serde_json::from_str::<Value>(line).unwrap()["config"].take();
        let cuts = |config: &Value| FileTokenizer::new(config.clone()).unwrap().cuts_at_space;
        assert!(cuts(&config));
        config["added_tokens"][0]["special"] = false.into();
        assert!(cuts(&config));
        config["added_tokens"][0]["rstrip"] = true.into();
        assert!(!cuts(&config), "an added token may swallow the space");
        config["added_tokens"] = Value::Array(Vec::new());
        config["normalizer"] = serde_json::json!({"type": "Strip", "strip_left": true, "strip_right": true});
        assert!(!cuts(&config), "each part would be stripped");
        config["normalizer"] = Value::Null;
        config["pre_tokenizer"]["use_regex"] = false.into();
        assert!(!cuts(&config), "a merge may reach over any space");
    }

    #[test]
    fn a_cut_is_behind_something_else_than_white_space() {
        let word = "x".repeat(KEEP);
        assert_eq!(next_cut(&format!("a b  {word}")), 3);
        assert_eq!(next_cut(&format!("{word}x \n y z")), KEEP + 1);
        assert_eq!(next_cut(&format!("{word}\n y")), KEEP + 3);
        assert_eq!(next_cut("a b"), 3);
    }

    #[test]
    fn digits_are_cut_as_the_pattern_says() {
        let line = include_str!("golden/files.jsonl").lines().next().unwrap();
        let mut config = serde_json::from_str::<Value>(line).unwrap()["config"].take();
        let digits = |config: &Value| {
            let mut config = config.clone();
            check_patterns(config.get_mut("pre_tokenizer")).unwrap();
            let tokenizer = FileTokenizer::new(config).unwrap();
            let mut spans = Vec::new();
            tokenizer.pre_tokenizer.pre_tokenize("x12345", &mut PreTokenizerScratch::default(), &mut spans).unwrap();
            spans.len() - 1
        };
        for (quantifier, pieces) in [("", 5), ("{1,2}", 3), ("{1,3}", 2), ("+", 1)] {
            let regex = format!(
                r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{quantifier}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
            );
            config["pre_tokenizer"] = serde_json::json!({
                "type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": false});
            config["model"]["byte_level"] = true.into();
            assert_eq!(digits(&config), pieces, "{quantifier}");
        }
    }
}
