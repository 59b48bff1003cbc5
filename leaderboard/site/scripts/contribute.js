// Buttons that copy a text of the page.
for (const button of document.querySelectorAll("button[data-text]")) {
  button.addEventListener("click", () => copy(at(button.dataset.text).textContent, at("copied"), "Copied."));
}
ready();
