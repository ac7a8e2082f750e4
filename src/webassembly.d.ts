/** What is used here of https://webassembly.github.io/spec/js-api/, which TypeScript declares in its DOM library only. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  }
  type Memory = { readonly buffer: ArrayBuffer };
  type Global = { readonly value: number };
}
