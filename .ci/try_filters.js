// Tries every filter of a report page and says what is wrong, or that the filters are right.
const shown = () => [...document.querySelectorAll("article.check")].filter((it) => it.offsetParent !== null);
const all = shown().length;
const wrong = [];
const expect = (what, found, wanted) => {
  if (found !== wanted) wrong.push(`${what}: ${found}, not ${wanted}`);
};
expect("at first", all, document.querySelectorAll("article.check").length);
for (const box of document.querySelectorAll("input[type=checkbox]")) {
  const kind = box.id.replace("show-", "");
  const count = document.querySelectorAll(`article.check.${kind}`).length;
  expect(`label of ${kind}`, Number(box.parentNode.textContent.match(/\((\d+)\)/)[1]), count);
  box.click();
  expect(`without ${kind}`, shown().length, all - count);
  box.click();
}
for (const area of document.querySelectorAll("input[type=radio]")) {
  area.click();
  const count = area.id === "area-all" ? all : document.querySelectorAll(`article.check.${area.id}`).length;
  expect(area.id, shown().length, count);
  document.querySelector("#area-all").click();
}
for (const link of document.querySelectorAll("a[href^='#']")) {
  if (!document.getElementById(link.hash.slice(1))) wrong.push(`${link.hash} leads nowhere`);
}
if (document.documentElement.scrollWidth > document.documentElement.clientWidth) wrong.push("it is wider than the window");
console.log(wrong.length ? wrong.join("; ") : "filters are right");
