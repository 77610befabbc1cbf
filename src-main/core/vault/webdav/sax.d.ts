/** The part of sax (the package has no types of its own) that xml.ts uses. */
declare module 'sax' {
  export interface QualifiedAttribute {
    readonly prefix: string;
    readonly local: string;
    readonly uri: string;
    readonly value: string;
  }
  export interface QualifiedTag {
    readonly prefix: string;
    readonly local: string;
    readonly uri: string;
    readonly attributes: Readonly<Record<string, QualifiedAttribute>>;
  }
  export interface SAXParser {
    onerror: (error: Error) => void;
    onopentag: (tag: QualifiedTag) => void;
    onclosetag: (name: string) => void;
    ontext: (text: string) => void;
    oncdata: (text: string) => void;
    ondoctype: (text: string) => void;
    onsgmldeclaration: (text: string) => void;
    write(text: string): SAXParser;
    close(): SAXParser;
  }
  const sax: { parser(strict: boolean, options: { xmlns: boolean; position: boolean }): SAXParser };
  export default sax;
}
