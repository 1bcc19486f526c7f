"""What docs/how-to.md shows for a product page, a basket and a newsletter works as it stands there."""

import json
import sys
from pathlib import Path

import pytest

from tests.api.doc_examples import example, output_of
from tests.api.live import ThreadServer
from tests.parts.missing import PartMissingError, find_program

SECTION = "A product page and a basket"
ASKED = ('for_product_page("10")', 'for_product_page("new/1 %")', 'for_basket(["10", "20"])')
PAGE_OF_10 = ["20", "30", "50", "40"]
SESSION = 'for_session("2", ["30"])'
POPULAR = ["50", "40", "30", "20"]
BASKET = ["30", "50", "40"]


@pytest.fixture(scope="module")
def node() -> str:
    try:
        return find_program("node", "Node.js is not installed: make parts")
    except PartMissingError as missing:
        pytest.skip(str(missing))


def test_the_python_lines_fill_a_product_page_and_a_basket(shop: ThreadServer, tmp_path: Path) -> None:
    lines = example(SECTION, "import httpx", shop)
    program = f"{lines}\nimport json\nprint(json.dumps([{', '.join((*ASKED, SESSION))}]))"
    page, new_page, basket, session = json.loads(output_of(sys.executable, "-c", program, folder=tmp_path))
    assert (page, new_page, basket[:3]) == (PAGE_OF_10, POPULAR, BASKET)
    assert session[:2] == ["10", "50"]


def test_the_javascript_lines_fill_a_product_page_and_a_basket(shop: ThreadServer, tmp_path: Path, node: str) -> None:
    lines = example(SECTION, "const recommender", shop)
    asked = [one.replace("for_product_page", "forProductPage").replace("for_basket", "forBasket") for one in ASKED]
    program = f"{lines}\nconsole.log(JSON.stringify(await Promise.all([{', '.join(asked)}])));"
    page, new_page, basket = json.loads(output_of(node, "--input-type=module", "--eval", program, folder=tmp_path))
    assert (page, new_page, basket[:3]) == (PAGE_OF_10, POPULAR, BASKET)


def test_the_python_lines_fill_a_newsletter(shop: ThreadServer, tmp_path: Path) -> None:
    lines = example("Lists for a newsletter", "import httpx", shop)
    program = f"{lines}\nimport json\nprint(json.dumps(dict(for_all(['2', 'nobody', '1']))))"
    found = json.loads(output_of(sys.executable, "-c", program, folder=tmp_path))
    assert list(found) == ["2", "nobody", "1"]
    assert (found["2"][0], found["nobody"], found["1"][:2]) == ("10", [], ["20", "30"])
