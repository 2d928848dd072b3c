//! Tokenizers from a `tokenizer.json`, run by the `tokenizers` engine.
//!
//! Files of every age are read: old ones are rewritten in memory to the form the engine reads. The pipeline is walked
//! here rather than by the engine's own `encode`, for three reasons. Special tokens that stand in a text must be
//! ordinary text; buffers that one huge document needed must not be kept for ever; and the engine's reader leaves the
//! regular expressions that it does not know by heart without a matcher.

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

/// After a text of more bytes than this, the buffers are dropped rather than kept.
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
        let text = config.to_string();
        drop(config);
        // The engine panics on some vocabularies that contradict themselves.
        let pipeline = catch_unwind(|| tokenizers::from_json(&text))
            .map_err(|_| "its vocabulary contradicts itself".to_owned())?
            .map_err(|error| error.to_string())?;
        // A clone is made by the constructor that compiles regular expressions.
        let pre_tokenizer = catch_unwind(AssertUnwindSafe(|| pipeline.get_pre_tokenizer().clone()))
            .map_err(|_| "a pattern of its pre-tokenizer cannot be compiled".to_owned())?;
        Ok(Self { pipeline, pre_tokenizer, prefix_space, size, first, last, may_refuse, buffers: Mutex::default() })
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
        let result = if self.prefix_space && !text.is_empty() && !text.starts_with(' ') {
            self.encode_text(&format!(" {text}"), &mut buffers)
        } else {
            self.encode_text(text, &mut buffers)
        };
        ids.extend_from_slice(PipelineToken::cast_slice(&buffers.tokens));
        if text.len() <= KEEP
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

    fn encode_text(&self, text: &str, buffers: &mut Buffers) -> tokenizers::Result<()> {
        let added = self.pipeline.get_added_vocabulary();
        for segment in SpecialSegmentIterator::new(text, added, false, true) {
            let (chunk, offset) = match segment {
                Segment::SpecialToken(id) => {
                    buffers.tokens.push(id.into());
                    continue;
                }
                Segment::Text { text, input_offset } => (text, input_offset),
            };
            let normalized = normalize_all(self.pipeline.get_normalizers(), chunk, offset)?;
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
