/* What a value may look like at its age. The table comes from `domain.freshness`; the judging happens here, by this
   machine's own timer, because it must go on when nothing comes any more. */
(function () {
  "use strict";
  const { t, format } = window.citywall;
  let table = { expected: 2, late: 2, stale: 5, dead: 900, link: 10 };

  function useTable(json) {
    if (json) table = JSON.parse(json);
  }

  /** The face of a value; the same rule, in the same order, as `domain.freshness.face`. */
  function face({ age, silent = 0, expected = table.expected, empty = false, error = false }) {
    if (error) return "error";
    if (age === null) return "never";
    if (age > table.dead) return "dead";
    if (age > table.stale * expected || silent > table.link) return "stale";
    if (age > table.late * expected) return "late";
    return empty ? "empty" : "live";
  }

  /** The face in words, for the note beside a value. */
  function words(name, { age = 0, asOf = null, last = "", cause = "", short = false }) {
    switch (name) {
      case "late": return t("{age}前").replace("{age}", format.age(age * 1000));
      case "stale": return (short ? t("停更 {age}") : t("数据停更 {age}")).replace("{age}", format.age(age * 1000));
      case "dead": return last ? t("{time} 为 {value}").replace("{time}", format.hourMinute(asOf)).replace("{value}", last) : t("{time} 起无数据").replace("{time}", format.hourMinute(asOf));
      case "never": return t("未接入");
      case "empty": return t("今日暂无 ({time})").replace("{time}", format.clock(asOf));
      case "error": return t("数据源错误：{cause}").replace("{cause}", cause);
      default: return "";
    }
  }

  /** Whether a face hides the value itself. */
  function hides(name) {
    return name === "dead" || name === "never" || name === "error" || name === "loading";
  }

  window.citywall.freshness = { face, words, hides, useTable };
})();
