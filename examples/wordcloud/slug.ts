/**
 * The address of a document by its name, as the tutorial made it: runs of these characters separate
 * pieces, accents are taken off, whatever is not ASCII then is dropped. May be empty.
 */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .split(/[\t !"#$%&'()*\-/<=>?@[\\\]^_`{|},.]+/)
    // oxlint-disable-next-line no-control-regex
    .map((piece) => piece.normalize('NFKD').replaceAll(/[^\u0000-\u007f]/g, ''))
    .filter((piece) => piece !== '')
    .join('-')
