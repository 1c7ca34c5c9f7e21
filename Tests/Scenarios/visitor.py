"""Somebody with a browser that runs no script, as a program: pages are asked for, and forms are sent."""
import html.parser
import urllib.parse

import requests


class Page(html.parser.HTMLParser):
    """What is on a page."""

    def __init__(self, answer):
        super().__init__()
        self.answer, self.text = answer, answer.text
        self.forms, self.links, self.fields, self.said, self.forward, self.title = [], {}, {}, {}, None, ""
        self._open = []
        self.feed(answer.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append({"action": attributes["action"], "values": {}})
        elif tag == "input":
            self.forms[-1]["values"][attributes["name"]] = attributes.get("value", "")
            self.fields[attributes["name"]] = attributes
        elif tag == "meta" and attributes.get("http-equiv") == "refresh":
            self.forward = attributes["content"].split("url=", 1)[1]
        if tag not in ("input", "meta", "link", "img", "path", "br"):
            self._open.append((tag, attributes))

    def handle_endtag(self, tag):
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data):
        tag, attributes = self._open[-1] if self._open else ("", {})
        if tag == "title":
            self.title += data
        elif tag == "a":
            self.links[data.strip()] = attributes["href"]
        elif tag == "code":
            self.said["secret"] = data
        for key in ("role", "id"):
            if tag == "p" and key in attributes:
                self.said[attributes[key]] = self.said.get(attributes[key], "") + data


class Visitor:
    def __init__(self, address):
        self.address, self.session, self.page = address, requests.Session(), None
        self.session.headers["Origin"] = address

    def open(self, path):
        answer = self.session.get(urllib.parse.urljoin(self.address, path), timeout=30, allow_redirects=False)
        while answer.is_redirect:
            answer = self.session.get(
                urllib.parse.urljoin(answer.url, answer.headers["Location"]), timeout=30, allow_redirects=False)
        self.page = Page(answer)
        return self.page

    def send(self, pressed=None, **typed):
        """Fills in the form of the page and sends it; every form leads to another page by 303."""
        form = self.page.forms[0]
        values = form["values"] | {name.replace("_", "-"): value for name, value in typed.items()}
        if pressed:
            values["do"] = pressed
        answer = self.session.post(
            urllib.parse.urljoin(self.page.answer.url, form["action"]), values, timeout=30, allow_redirects=False)
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return self.open(urllib.parse.urljoin(answer.url, answer.headers["Location"]))

    @property
    def path(self):
        return urllib.parse.urlsplit(self.page.answer.url).path

    def sign_in(self, name, password, path="/login"):
        self.open(path)
        return self.send(username=name, password=password)
