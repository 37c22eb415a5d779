import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{i as a,j as b}from"./chunk-HRU26UKD.js";import"./chunk-EDUA2XCR.js";import"./chunk-6G7CKFX6.js";export{b as closingLines,a as logLines};
