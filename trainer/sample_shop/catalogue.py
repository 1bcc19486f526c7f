"""What the sample shop sells: a kitchen and coffee shop of six categories."""

from typing import Final

CATALOGUE: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "Coffee": (
        ("House blend, 1 kg", 18.5),
        ("Single origin Ethiopia", 14.9),
        ("Espresso roast", 13.9),
        ("Decaf", 12.9),
        ("Cold brew bags", 9.5),
        ("Filter roast Colombia", 14.5),
    ),
    "Tea": (
        ("Sencha", 8.9),
        ("Earl Grey", 6.5),
        ("Jasmine pearls", 11.9),
        ("Mint leaves", 4.9),
        ("Masala chai", 7.5),
    ),
    "Brewing": (
        ("French press", 32.0),
        ("Pour-over dripper", 24.0),
        ("Paper filters, 100", 5.5),
        ("Moka pot", 36.0),
        ("Burr grinder", 89.0),
        ("Milk frother", 19.9),
    ),
    "Tableware": (
        ("Stoneware mug", 12.0),
        ("Espresso cups, set of 4", 28.0),
        ("Glass teapot", 34.0),
        ("Porcelain bowl", 15.0),
        ("Bamboo tray", 22.0),
    ),
    "Baking": (
        ("Bread flour, 5 kg", 9.9),
        ("Sourdough basket", 21.0),
        ("Baking tin", 17.5),
        ("Vanilla pods", 8.9),
        ("Dark chocolate, 500 g", 11.5),
        ("Kitchen scale", 29.0),
    ),
    "Pantry": (
        ("Olive oil, 1 l", 13.5),
        ("Sea salt flakes", 5.9),
        ("Acacia honey", 8.5),
        ("Almond butter", 9.9),
        ("Oat drink, 6 l", 12.5),
    ),
}
