import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{closingLines,logLines}from"./chunk-Q3CC7YDI.js";import"./chunk-MTO7E2RK.js";export{closingLines,logLines};
