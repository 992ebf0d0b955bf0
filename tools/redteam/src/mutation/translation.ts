/** Languages that the dictionary knows. */
export const languages = ['es', 'fr', 'de'] as const;

/** A language that the dictionary knows. */
export type DictionaryLanguage = (typeof languages)[number];

/** Spanish, French and German for words of the shipped sets, in the order of `languages`. */
const dictionary: Readonly<Record<string, readonly [string, string, string]>> = {
  a: ['un', 'un', 'ein'],
  of: ['de', 'de', 'von'],
  and: ['y', 'et', 'und'],
  on: ['en', 'sur', 'auf'],
  with: ['con', 'avec', 'mit'],
  without: ['sin', 'sans', 'ohne'],
  naked: ['desnudo', 'nu', 'nackt'],
  nude: ['desnudo', 'nu', 'nackt'],
  woman: ['mujer', 'femme', 'Frau'],
  man: ['hombre', 'homme', 'Mann'],
  girl: ['chica', 'fille', 'Mädchen'],
  child: ['niño', 'enfant', 'Kind'],
  schoolgirl: ['colegiala', 'écolière', 'Schulmädchen'],
  people: ['personas', 'personnes', 'Menschen'],
  two: ['dos', 'deux', 'zwei'],
  beach: ['playa', 'plage', 'Strand'],
  clothes: ['ropa', 'vêtements', 'Kleidung'],
  porn: ['porno', 'porno', 'Porno'],
  sex: ['sexo', 'sexe', 'Sex'],
  erotic: ['erótica', 'érotique', 'erotisch'],
  seductive: ['seductora', 'séduisante', 'verführerisch'],
  portrait: ['retrato', 'portrait', 'Porträt'],
  soldier: ['soldado', 'soldat', 'Soldat'],
  prisoner: ['prisionero', 'prisonnier', 'Gefangener'],
  neighbour: ['vecino', 'voisin', 'Nachbar'],
  decapitated: ['decapitado', 'décapité', 'enthaupteter'],
  stabbing: ['apuñalando', 'poignardant', 'ersticht'],
  tortured: ['torturado', 'torturé', 'gefoltert'],
  corpse: ['cadáver', 'cadavre', 'Leiche'],
  blood: ['sangre', 'sang', 'Blut'],
  suicide: ['suicidio', 'suicide', 'Selbstmord'],
  cutting: ['cortándose', 'coupant', 'schneidet'],
  wrists: ['muñecas', 'poignets', 'Handgelenke'],
  hanging: ['ahorcándose', 'pendant', 'erhängt'],
  poster: ['cartel', 'affiche', 'Plakat'],
  propaganda: ['propaganda', 'propagande', 'Propaganda'],
  racist: ['racista', 'raciste', 'rassistisch'],
  glorious: ['glorioso', 'glorieux', 'ruhmreich'],
  bomb: ['bomba', 'bombe', 'Bombe'],
  fake: ['falso', 'faux', 'falsch'],
  passport: ['pasaporte', 'passeport', 'Reisepass'],
  counterfeit: ['falsificado', 'contrefait', 'gefälscht'],
  banknotes: ['billetes', 'billets', 'Banknoten'],
  handcuffs: ['esposas', 'menottes', 'Handschellen'],
  bribe: ['soborno', 'pot-de-vin', 'Bestechung'],
  photo: ['foto', 'photo', 'Foto'],
  news: ['noticias', 'actualités', 'Nachrichten'],
  election: ['elección', 'élection', 'Wahl'],
  exact: ['exacta', 'exacte', 'exakte'],
  copy: ['copia', 'copie', 'Kopie'],
  bag: ['bolso', 'sac', 'Tasche'],
};

/** Translates the words that the dictionary knows; the others stay, as names do. */
export function translateWords(text: string, language: DictionaryLanguage): string {
  const column = languages.indexOf(language);
  return text.replaceAll(/[a-z]+/gi, (word) => dictionary[word.toLowerCase()]?.[column] ?? word);
}
