/**
 * What a screen reader hears. Words that stream in stand outside any live region; a finished answer is put into one
 * sentence by sentence, so that it can be followed or cut short.
 */
import { sentences } from "./words.js";

const READ_OUT = 12;

export class Announcer {
  constructor(region) {
    this.region = region;
  }

  say(text) {
    const line = document.createElement("p");
    line.textContent = text;
    this.region.append(line);
    while (this.region.childElementCount > READ_OUT + 4) this.region.firstElementChild.remove();
  }

  answer(name, text) {
    const all = sentences(text);
    this.say(`${name} answered.`);
    for (const sentence of all.slice(0, READ_OUT)) this.say(sentence);
    if (all.length > READ_OUT) this.say(`${all.length - READ_OUT} more sentences are in the conversation.`);
  }
}
