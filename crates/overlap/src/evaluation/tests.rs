//! What is found of items and what is not.

use super::*;

/// Enough other items that the words of the first are as rare as in a real set.
fn index(items: &[(&str, &str)]) -> Index {
    let others = [
        ("Which of the following is the main reason why the harbour was closed to all ships during the war?", "mines"),
        ("What is the name of the river that the army crossed before the battle of that year?", "the Somme"),
        ("A farmer has seven fields and sells two of them; how many fields does the farmer have now?", "five"),
        ("Which of the following best describes what happens to the price of bread when wheat is scarce?", "it rises"),
        ("In which of these cases is a contract not binding on the person who has signed it?", "duress"),
    ];
    Index::new(items.iter().chain(&others).copied())
}

fn found(items: &[(&str, &str)], text: &str) -> Vec<usize> {
    index(items).find(text, 500).into_iter().map(|found| found.item).collect()
}

const TRAIN: (&str, &str) = (
    "A train leaves Dunmore at nine carrying forty passengers and stops twice before it reaches the coast. How long is its journey?",
    "three hours",
);
const BRIDGE: (&str, &str) = ("Which Scottish bridge was painted last by Hamish?", "the Forth Bridge");

#[test]
fn an_item_is_found_whatever_its_case_and_punctuation() {
    for text in [TRAIN.0.to_owned(), TRAIN.0.to_uppercase(), TRAIN.0.replace(['.', '?'], " -")] {
        assert_eq!(found(&[TRAIN], &format!("It was asked. {text} Nobody knew.")), [0], "{text}");
    }
}

#[test]
fn an_item_with_another_word_or_without_its_end_is_found() {
    assert_eq!(found(&[TRAIN], &TRAIN.0.replace("forty", "fifty")), [0]);
    let words: Vec<&str> = TRAIN.0.split(' ').collect();
    assert_eq!(found(&[TRAIN], &words[..words.len() * 2 / 3].join(" ")), [0]);
    assert_eq!(found(&[TRAIN], "A train leaves Dunmore at nine."), []);
}

#[test]
fn a_text_that_begins_or_ends_in_the_middle_of_an_item_holds_it() {
    let words: Vec<&str> = TRAIN.0.split(' ').collect();
    assert_eq!(found(&[TRAIN], &words[8..].join(" ")), [0]);
    assert_eq!(found(&[TRAIN], &words[words.len() - 4..].join(" ")), []);
    assert_eq!(found(&[TRAIN], &format!("It was asked: {}", words[..14].join(" "))), [0]);
}

#[test]
fn a_short_item_is_found_whole_or_without_a_word_and_no_question_like_it() {
    assert_eq!(found(&[BRIDGE], "They asked which Scottish bridge was painted last by Hamish."), [0]);
    assert_eq!(found(&[BRIDGE], "They asked which Scottish bridge was painted first by Hamish."), [0]);
    assert_eq!(found(&[BRIDGE], "They asked which Scottish road was closed last by snow."), []);
}

#[test]
fn a_question_that_several_items_have_needs_its_answer() {
    let items = [
        ("Who wrote the following lines of verse?", "Emily Dickinson"),
        ("Who wrote the following lines of verse?", "Keats"),
    ];
    assert_eq!(found(&items, "Who wrote the following lines of verse? Nobody knows."), []);
    assert_eq!(found(&items, "Who wrote the following lines of verse? It was Emily Dickinson."), [0]);
}

#[test]
fn what_begins_all_tasks_of_a_kind_is_no_item() {
    let tasks: Vec<String> = ["loaf", "cart", "oar", "lamp", "nail", "rope", "bell", "drum", "kite", "vase"]
        .map(|thing| {
            format!("Read the story below and say in one word whether the {thing} was found by its owner in the end.")
        })
        .into();
    let items: Vec<(&str, &str)> = tasks.iter().map(|task| (task.as_str(), "")).collect();
    assert_eq!(found(&items, "Read the story below and say in one word whether the moon was made of cheese."), []);
    assert_eq!(found(&items, &tasks[3]), [3]);
}

#[test]
fn code_and_rows_of_numbers_are_no_items_although_they_share_their_idioms() {
    let items = [
        (
            "for i in range(len(items)): if items[i] is not None: total = total + items[i]; return total, what does it give?",
            "",
        ),
        ("1, 2, 3, 4, 5, 6, 7: which number comes next in a sequence that doubles at each of its steps?", ""),
    ];
    assert_eq!(found(&items, "for i in range(len(x)):\n    if x[i] is not None:\n        y = y + x[i]\nreturn y"), []);
    assert_eq!(found(&items, "x = [1, 2, 3, 4, 5, 6, 7]"), []);
}

#[test]
fn scripts_without_spaces_are_compared_by_characters() {
    let item = ("一列火车早上九点从邓莫尔出发,载着四十名乘客,途中停靠两次后到达海岸,整个旅程有多长时间?", "三小时");
    let changed = item.0.replace("四十名", "五十名");
    assert_eq!(found(&[item], &format!("有人问:{changed}没有人知道。")), [0]);
    assert_eq!(found(&[item], "一列火车早上到达海岸。"), []);
}

#[test]
fn the_place_of_an_item_is_where_its_words_stand() {
    let text = format!("Première ligne.\n{} Dernière ligne.", TRAIN.0);
    let found = index(&[TRAIN]).find(&text, 500)[0];
    assert_eq!(text.get(found.start..found.end).unwrap(), TRAIN.0.trim_end_matches('?'));
    assert_eq!((found.by, found.score, found.is_sure), (By::Score, ALL, true));
}

#[test]
fn a_phrase_of_the_field_that_an_item_is_about_is_no_item_however_rare_its_words_are() {
    let strip = (
        "In Python 3, which of the following function removes all leading and trailing whitespace in string?",
        "strip([chars])",
    );
    assert_eq!(found(&[strip], "The lines are read, and all leading and trailing whitespace is lost in them."), []);
    assert_eq!(found(&[strip], "It removes all leading and trailing whitespace of a line."), []);
    let words: Vec<&str> = strip.0.split(' ').collect();
    assert_eq!(found(&[strip], &words[4..].join(" ")), [0]);
}
