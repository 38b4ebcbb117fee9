"""Invented people: usual French first names, and family names of plants and birds, which show it."""

import random
from dataclasses import dataclass

WOMEN = (
    "Jeanne", "Suzanne", "Odette", "Yvette", "Simone", "Denise", "Monique", "Colette", "Huguette", "Ginette", "Marie",
    "Thérèse", "Paulette", "Andrée", "Lucienne", "Renée", "Bernadette", "Chantal", "Fatima", "Nadia", "Maria",
    "Françoise", "Sylvie", "Geneviève", "Josette", "Arlette", "Solange", "Yolande", "Danielle", "Claudine",
)  # fmt: skip
MEN = (
    "André", "Marcel", "Roger", "René", "Robert", "Lucien", "Georges", "Raymond", "Maurice", "Henri", "Ahmed", "Paul",
    "Émile", "Gaston", "Louis", "Fernand", "Albert", "Jean", "Pierre", "Michel", "Bernard", "Yves", "Alain", "Guy",
    "Gérard", "Mohamed", "Antonio", "Serge", "Christian", "Daniel",
)  # fmt: skip
FAMILIES = (
    "Coquelicot", "Bruyère", "Tilleul", "Merle", "Roseau", "Aubépine", "Lavandin", "Sureau", "Mésange", "Chardon",
    "Bouleau", "Genêt", "Rossignol", "Capucine", "Fougère", "Hirondelle", "Noisetier", "Pervenche", "Pinson", "Réséda",
    "Sauge", "Verveine", "Alouette", "Bleuet", "Cerisier", "Églantine", "Fauvette", "Giroflée", "Houx", "Jonquille",
    "Lilas", "Mimosa", "Narcisse", "Olivette", "Peuplier", "Renoncule", "Sarriette", "Troène", "Valériane",
    "Bergeronnette",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    given: str
    family: str
    woman: bool

    @property
    def address_as(self) -> str:
        return f"{'Madame' if self.woman else 'Monsieur'} {self.family}"


def people(number: int, chance: random.Random) -> list[Person]:
    """So many different ones; beyond the simple names, two family names are joined."""
    simple = [Person(given, family, woman) for woman, given in _given() for family in FAMILIES]
    if number <= len(simple):
        return chance.sample(simple, number)
    joined = [f"{one}-{other}" for one in FAMILIES for other in FAMILIES if one != other]
    more = [Person(given, family, woman) for woman, given in _given() for family in joined]
    return [*chance.sample(simple, len(simple)), *chance.sample(more, number - len(simple))]


def _given() -> list[tuple[bool, str]]:
    return [*((True, given) for given in WOMEN), *((False, given) for given in MEN)]
