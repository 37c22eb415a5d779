import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{b as a}from"./chunk-GDYI7HK4.js";import"./chunk-46744FNL.js";import"./chunk-6G7CKFX6.js";export{a as createWorld};
