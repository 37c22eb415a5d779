import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a,b}from"./chunk-M26FAEK4.js";import"./chunk-RHIL24KI.js";import"./chunk-46744FNL.js";import"./chunk-6G7CKFX6.js";export{b as restoreScaling,a as suspendScaling};
