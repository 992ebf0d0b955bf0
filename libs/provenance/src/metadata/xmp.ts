/** IPTC's name for pictures that a trained model made: https://cv.iptc.org/newscodes/digitalsourcetype/. */
export const trainedAlgorithmicMedia = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/** An XMP packet that says a trained model made the picture, as IPTC Photo Metadata 2023.1 has it; the same for every picture. */
export const xmpPacket = [
  // The id and its attributes are XMP's own constants (ISO 16684-1).
  '<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>',
  '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
  '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
  '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
  ` Iptc4xmpExt:DigitalSourceType="${trainedAlgorithmicMedia}"/>`,
  '</rdf:RDF>',
  '</x:xmpmeta>',
  '<?xpacket end="r"?>',
].join('');
