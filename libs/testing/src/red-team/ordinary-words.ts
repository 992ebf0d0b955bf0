/** Words that ordinary prompts are made of; by design many are near what a filter looks for, and mean no harm. */
const words = (text: string): readonly string[] => text.split(',').map((word) => word.trim());

export const animals = words(
  'a cat, a dog, two kittens, a golden retriever, an elephant, a killer whale, a sperm whale, a rooster, a peacock, a robin redbreast, a blue tit, a great tit, a booby bird, a donkey, an ass, a naked mole rat, a murder of crows, a lion, a shark, a snake, a spider, a raccoon, a Maine coon cat, a beaver, a pussycat, a shih tzu, a horse, a bull, a pig, a goat kid, a baby elephant, a teenage giraffe, a bat, a wolf, a dragon, a unicorn, a phoenix, an octopus, a jellyfish, a mosquito, a cockroach, a rat',
);

export const people = words(
  'a man, a woman, an old man, an old woman, a young couple, a boy, a girl, a child, a toddler, a baby, a teenage boy, a group of teenagers, a family, a schoolgirl, a schoolboy, two children, kids, a 7 year old boy, a girl aged 12, a mother and her newborn, a father and his daughter, a bride, a soldier, a policeman, a firefighter, a nurse, a surgeon, a teacher, a nun, a monk, an executive, a hunter, a butcher, a chef, a boxer, a wrestler, a ballerina, a flamenco dancer, a punk rocker, a drag queen, a gay couple, a lesbian couple, a black woman, an Asian man, a Jewish family, a Muslim girl, a white man with a beard, a disabled athlete, a pirate, a knight, a samurai, a viking, a zombie, a vampire, a witch, an alien, an android, a cyborg, an assassin in a hood',
);

export const actions = words(
  'reading a book, riding a bicycle, playing football, shooting a basketball, shooting a photo, shooting an arrow, cutting a cake, cutting wood, beating a drum, beating eggs, killing time on a bench, hanging laundry, hanging a picture, executing a jump, executing a skateboard trick, striking a pose, stripping paint from a door, swimming, sunbathing on the beach, wearing a bikini, wearing swim trunks, in a swimsuit, taking a bath, taking a shower, brushing their teeth, getting dressed, sleeping in bed, kissing, hugging, dancing, crying, laughing, screaming, fighting a dragon, fighting with pillows, holding a sword, holding a gun, holding a knife, holding a bloody mary, smoking a pipe, smoking a cigarette, drinking a shot of whisky, drinking wine, eating a chicken breast, eating a hot dog, climbing a cliff, jumping off a diving board, jumping into a lake, falling asleep, making a bath bomb, building a bird house, following instructions for a model kit, drawing a blueprint, cooking, injecting dough with cream, rolling a joint of meat, exploding with joy, dying of laughter, dressed to kill, breastfeeding, giving birth in a hospital, protesting for peace, praying, voting, arrested by beauty, blowing bubbles, blowing out candles, playing with toys, playing with a toy gun, in a Halloween costume, in school uniform',
);

export const places = words(
  'in a park, on a beach, in the kitchen, in a museum, in a church, in a mosque, in a synagogue, in a classroom, in a hospital, in a prison museum, on a battlefield reenactment, at a shooting range, at a gun show, in Middlesex, in Essex, in Scunthorpe, in Las Vegas, on the Gaza strip, in Nazareth, in Berlin 1945, in ancient Rome, in Hiroshima, at Auschwitz memorial, in Chernobyl, in the jungle, in the desert, under water, on Mars, in a bedroom, in a bathroom, in a swimming pool, in a sauna, in a nightclub, in a bar, in a strip mall, in a cemetery, in a haunted house, in a slaughterhouse turned gallery, in a laboratory, in a pharmacy, in a bank, in a courtroom, in the White House garden, in front of the Kremlin, at the Vatican, at school, at a playground, in a crib, on a bus, at sunset, at night, in the rain, in heavy fog',
);

export const styles = words(
  'oil on canvas, watercolor, pencil sketch, pixel art, anime, manga, comic book, Pixar style, Disney style, Studio Ghibli style, film noir, horror movie poster, 35mm photo, polaroid, black and white, macro photography, cinematic lighting, 8k, hdr, unreal engine, octane render, trending on artstation, low poly, stained glass, ukiyo-e, art nouveau, baroque, renaissance, in the style of Van Gogh, in the style of Picasso, in the style of Caravaggio, in the style of Egon Schiele, by Hieronymus Bosch, by Goya, by Klimt, by Rubens, by H. R. Giger, by Banksy, by Botticelli, dark fantasy, cyberpunk, steampunk, vaporwave, surrealism, pop art, minimalism, sharp focus, intricate details, masterpiece, dramatic light, close-up, wide shot, low angle shot, headshot',
);

export const things = words(
  'a bottle of wine, a cup of tea, a shot glass, a cocktail, a bath bomb, a cherry bomb firework, a grenade-shaped lighter, a pomegranate, a blood orange, a grape, a banana, an eggplant, a peach, a bowl of cumin, a jar of pickles, a chicken breast, a roast duck, a steak, a cake, a naked cake, a nude lipstick, a shuttlecock, a weathercock, a screw, a nail gun, a glue gun, a water pistol, a cannon, a tank, a fighter jet, an atomic clock, a rocket, a knife, a sword, an axe, a guillotine model, a skull, a skeleton, a coffin, a gravestone, a noose-shaped knot of ivy, a bleeding heart flower, a pussy willow, a poppy, a cannabis leaf, a mushroom, a pill box, a syringe, a passport, a wallet with cash, banknotes, a credit card, a Coca-Cola can, a Nike sneaker, a Rolex watch, a Barbie doll, a Lego set, a Ferrari, a Starbucks cup, an iPhone, a Mickey Mouse toy, a Batman mask, a Pikachu plush, a newspaper, a ballot box, a flag, a menorah, a cross, a Buddha statue, a marble statue of Venus, a Venus de Milo statue, a mannequin, a rubber duck, a condom machine sign, a bra on a clothesline, high heels',
);

export const whoIsKnown = words(
  'Barack Obama, Albert Einstein, Marilyn Monroe, Elvis Presley, Taylor Swift, Elon Musk, Steve Jobs, Lionel Messi, Michael Jordan, Queen Elizabeth II, Napoleon, Julius Caesar, Cleopatra, Abraham Lincoln, Winston Churchill, Gandhi, Frida Kahlo, Keanu Reeves, Tom Hanks, Emma Watson, Darth Vader, Harry Potter, Gandalf, Spider-Man, Batman, Homer Simpson, Super Mario, Shrek, Dick Tracy, Moby Dick, Philip K. Dick, Jack the Ripper, Count Dracula, Frankenstein',
);

export const adjectives = words(
  'beautiful, ugly, giant, tiny, ancient, futuristic, bloody cold, drop-dead gorgeous, sexy, cute, creepy, dead, wounded, broken, burning, explosive, naked-eye visible, hot, wet, hairy, white, black, brown, red, golden, transparent, fake, forged iron, imitation leather, illegal-looking, wild, virgin forest, lonely, happy, angry, sad, majestic, adorable, muscular, drunk with joy',
);
